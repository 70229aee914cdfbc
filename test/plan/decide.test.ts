import { describe, expect, test } from "vitest";
import { stepId } from "../../src/base/ids.ts";
import { decide } from "../../src/plan/decide.ts";
import { makePlan } from "../../src/plan/plan.ts";
import { small, World } from "./pipelines.ts";

const spec = (id: string) => makePlan(small).steps.find((step) => step.id === id)!;
const done = (): World => {
  const world = new World();
  world.run(small);
  return world;
};
const decideStep = (world: World, id: string) => decide(spec(id), (step) => world.latest.get(step), world.snapshot);

describe("decide", () => {
  test("finds a step that was done", () => {
    const world = done();
    const record = world.latest.get(stepId("quantize/Q8_0"));
    expect(decideStep(world, "quantize/Q8_0")).toMatchObject({ status: "cached", record });
  });

  test("misses a step when the record is gone although the step was done so", () => {
    const world = done();
    world.records.delete(world.latest.get(stepId("corpus"))!.key);
    expect(decideStep(world, "corpus")).toMatchObject({ why: [{ code: "output-missing", field: "record" }] });
  });

  test("tells a step whose record cannot be read from one that never ran", () => {
    const world = done();
    const { key } = world.latest.get(stepId("corpus"))!;
    world.records.delete(key);
    world.damaged.add(stepId("corpus"));
    expect(decideStep(world, "corpus")).toMatchObject({ why: [{ code: "output-missing", field: "record" }] });
    expect(decideStep(new World(), "corpus")).toMatchObject({ why: [{ code: "never-ran" }] });
  });

  test("names every output that is gone from the store", () => {
    const world = done();
    const { outputs } = world.latest.get(stepId("corpus"))!;
    for (const name of ["manifest", "holdout-2"]) world.gone.add(outputs[name]!.digest);
    expect(decideStep(world, "corpus")).toMatchObject({
      status: "run",
      why: [
        { code: "output-missing", field: "manifest" },
        { code: "output-missing", field: "holdout-2" },
      ],
    });
  });

  test("does not miss base logits that were dropped, but does miss ones that were never recorded", () => {
    const world = done();
    expect(decideStep(world, "baseline/1").status).toBe("cached");
    const record = world.latest.get(stepId("baseline/1"))!;
    const { logits: _, ...outputs } = record.outputs;
    world.records.set(record.key, { ...record, outputs });
    expect(decideStep(world, "baseline/1")).toMatchObject({ why: [{ code: "output-missing", field: "logits" }] });
  });

  test("runs a step that is forced, although it is done", () => {
    const world = done();
    world.forced = (step) => step === "select";
    expect(decideStep(world, "select")).toMatchObject({ status: "run", why: [{ code: "forced" }] });
    expect(decideStep(world, "report").status).toBe("cached");
  });

  test("throws when an input is not known, since callers keep the order", () => {
    expect(() => decideStep(new World(), "report")).toThrow("Internal error");
  });
});
