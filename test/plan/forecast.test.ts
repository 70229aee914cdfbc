import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sha256 } from "../../src/base/canonical.ts";
import { stepId } from "../../src/base/ids.ts";
import { makePlan } from "../../src/plan/plan.ts";
import { pipelines, small, toolchain, withNotes, World } from "./pipelines.ts";

const ids: readonly string[] = makePlan(small).steps.map(({ id }) => id);

const done = (): World => {
  const world = new World();
  world.run(small);
  return world;
};

/** `step: status code,code` for every step that is not cached. */
const said = (world: World, pipeline = small): string[] =>
  [...world.forecast(pipeline).values()]
    .filter(({ status }) => status !== "cached")
    .map(({ step, status, why }) => `${step}: ${status} ${why.map(({ code }) => code).join(",")}`);

describe("forecast", () => {
  test("runs everything when nothing is known", () => {
    expect(said(new World())).toEqual(ids.map((id) => `${id}: run never-ran`));
  });

  test("finds everything when all is done, although the base logits were dropped", () => {
    expect(said(done())).toEqual([]);
  });

  test("runs selection and report only when the tolerance changed, and says from what to what", () => {
    const tolerances = small.select.tolerances.map((tolerance) => ({ ...tolerance, name: "custom", kld: 0.01 }));
    const strict = { ...small, select: { ...small.select, tolerances } };
    expect(said(done(), strict)).toEqual(["select: run parameter,parameter", "report: run parameter,parameter"]);
    expect(done().forecast(strict).get("select")?.why).toEqual([
      { code: "parameter", field: "tolerance.medical.kld", from: "0.06", to: "0.01" },
      { code: "parameter", field: "tolerance.medical.name", from: "chat", to: "custom" },
    ]);
  });

  test("runs the corpus when one of its texts changed, and what reads it if that changes something", () => {
    const world = done();
    world.files.set("/home/ada/notes/b.txt", "edited");
    expect(said(world)).toEqual([
      "corpus: run input",
      "imatrix/notes/1: if upstream",
      "imatrix/prompts/1: if upstream",
      "imatrix: if upstream,upstream,upstream",
      "ladder: if upstream",
      "quantize/Q4_K_M: if upstream,upstream",
      "baseline/1: if upstream",
      "noise/1: if upstream",
      "validate/Q8_0/1: if upstream",
      "validate/Q4_K_M/1: if upstream,upstream",
      "baseline/2: if upstream",
      "validate/Q8_0/2: if upstream",
      "validate/Q4_K_M/2: if upstream,upstream",
      expect.stringMatching(/^select: if (upstream,?)+$/),
      expect.stringMatching(/^report: if (upstream,?)+$/),
    ]);
    expect(world.forecast(small).get("corpus")?.why).toEqual([
      { code: "input", field: "source/notes/b.txt", from: sha256("/home/ada/notes/b.txt"), to: sha256("edited") },
    ]);
    expect(world.forecast(small).get("imatrix")?.why).toEqual([
      { code: "upstream", field: "imatrix/notes/1" },
      { code: "upstream", field: "imatrix/prompts/1" },
      { code: "upstream", field: "corpus" },
    ]);
  });

  test("runs every step of a tool whose bytes changed", () => {
    const world = done();
    world.tools = { ...toolchain, identity: { ...toolchain.identity, "llama-perplexity": sha256("new") } };
    const run = [...world.forecast(small).values()].filter(({ status }) => status === "run");
    expect(run.map(({ step }) => step)).toEqual([
      ...ids.filter((id) => id.startsWith("baseline") || id.startsWith("noise") || id.startsWith("validate")),
      "report",
    ]);
    expect(new Set(run.flatMap(({ why }) => why.map(({ code }) => code)))).toEqual(new Set(["tool"]));
    expect(world.forecast(small).get("select")?.status).toBe("if");
  });

  test("makes base logits again for a candidate that must run, and leaves those alone that nobody needs", () => {
    const world = done();
    world.gone.add(world.latest.get(stepId("validate/Q4_K_M/2"))!.outputs["rows"]!.digest);
    expect(said(world)).toEqual([
      "baseline/2: run needed-again",
      "validate/Q4_K_M/2: run output-missing",
      "select: if upstream",
      "report: if upstream,upstream",
    ]);
  });

  test("goes on without the ledger where the corpus manifest, by which it is looked up, is gone", () => {
    const world = done();
    world.gone.add(world.latest.get(stepId("corpus"))!.outputs["manifest"]!.digest);
    world.ledger = () => undefined;
    const forecasts = world.forecast(small);
    expect(forecasts.get("corpus")).toMatchObject({ status: "run", why: [{ code: "output-missing" }] });
    const { status, why } = forecasts.get("select")!;
    expect([status, ...new Set(why.map(({ code }) => code))]).toEqual(["run", "upstream"]);
  });

  test("makes base logits again for a new candidate on every shard", () => {
    const more = { ...small, quantize: { ...small.quantize, types: ["Q8_0", "Q6_K", "Q4_K_M"] } };
    expect(said(done(), more)).toEqual([
      "ladder: run parameter",
      "quantize/Q6_K: run never-ran",
      "baseline/1: run needed-again",
      "validate/Q6_K/1: run never-ran",
      "baseline/2: run needed-again",
      "validate/Q6_K/2: run never-ran",
      expect.stringMatching(/^select: run (upstream|parameter)/),
      expect.stringMatching(/^report: run (upstream|parameter)/),
    ]);
  });

  test("may make base logits again for a candidate that may run", () => {
    const world = done();
    const before = world.snapshot.toolchain.identity;
    world.tools = { ...toolchain, identity: { ...before, "llama-quantize": sha256("new") } };
    expect(said(world).filter((line) => line.startsWith("baseline"))).toEqual([
      "baseline/1: if needed-again",
      "baseline/2: if needed-again",
    ]);
  });

  test("makes base logits again for sure when of two candidates one runs and one may run", () => {
    for (const [mayRun, runs] of [
      ["Q8_0", "Q4_K_M"],
      ["Q4_K_M", "Q8_0"],
    ]) {
      const world = done();
      const quant = world.latest.get(stepId(`quantize/${mayRun}`))!.outputs["quant"]!;
      const rows = world.latest.get(stepId(`validate/${runs}/1`))!.outputs["rows"]!;
      world.gone.add(quant.digest);
      world.gone.add(rows.digest);
      const forecasts = world.forecast(small);
      expect(forecasts.get(`validate/${mayRun}/1`)?.status).toBe("if");
      expect(forecasts.get(`validate/${runs}/1`)?.status).toBe("run");
      expect(forecasts.get("baseline/1")).toMatchObject({ status: "run", why: [{ code: "needed-again" }] });
      expect(forecasts.get("baseline/2")).toMatchObject({ status: "if", why: [{ code: "needed-again" }] });
    }
  });

  test("makes base logits for sure that may change and that a candidate needs in any case", () => {
    const world = done();
    world.files.set("/home/ada/notes/b.txt", "edited");
    world.gone.add(world.latest.get(stepId("validate/Q8_0/1"))!.outputs["rows"]!.digest);
    expect(world.forecast(small).get("baseline/1")).toMatchObject({
      status: "run",
      why: [
        { code: "upstream", field: "corpus" },
        { code: "needed-again", field: "logits" },
      ],
    });
  });

  test("does not make base logits again that are still there", () => {
    const world = done();
    world.gone.clear();
    world.gone.add(world.latest.get(stepId("validate/Q8_0/1"))!.outputs["rows"]!.digest);
    expect(world.forecast(small).get("baseline/1")?.status).toBe("cached");
  });

  test("expects of a step whose output was lost what it made of these inputs, not what it made last", () => {
    const world = done();
    const rows = world.latest.get(stepId("quantize/Q8_0"))!.outputs["quant"]!;
    world.files.set(small.model, "another model");
    world.run(small);
    world.files.delete(small.model);
    expect(said(world)).toEqual([]);
    world.gone.add(rows.digest);
    expect(said(world).filter((line) => line.startsWith("validate/Q8_0"))).toEqual([
      "validate/Q8_0/1: if upstream",
      "validate/Q8_0/2: if upstream",
    ]);
  });

  test("runs a step that is forced and, after it, what may change", () => {
    const world = done();
    world.forced = (step) => step === "quantize/Q8_0";
    const forecasts = world.forecast(small);
    expect(forecasts.get("quantize/Q8_0")?.why).toEqual([{ code: "forced" }]);
    expect(forecasts.get("validate/Q8_0/1")?.why).toEqual([{ code: "upstream", field: "quantize/Q8_0" }]);
    expect(forecasts.get("validate/Q4_K_M/1")?.status).toBe("cached");
  });

  test("names --force also for a step whose inputs were never made", () => {
    const world = new World();
    world.forced = () => true;
    expect(new Set([...world.forecast(small).values()].map(({ why }) => why[0]?.code))).toEqual(new Set(["forced"]));
  });

  test("says of what hangs on earlier measurements that it may run, and of what is decided that it will not", () => {
    const world = new World();
    world.needless = ({ id }) => (id === "validate/Q4_K_M/2" ? { code: "undecided-yet" } : undefined);
    const open = said(world);
    expect(open).toContain("validate/Q4_K_M/2: if undecided-yet");
    expect(open).toContain("baseline/2: run never-ran");
    const decided = { code: "decided", field: "Q8_0", verdict: "FAIL" } as const;
    world.needless = ({ id }) => (/^validate.*2$/.test(id) ? decided : undefined);
    world.run(small);
    expect(said(world)).toEqual([
      "baseline/2: skip not-needed",
      "validate/Q8_0/2: skip decided",
      "validate/Q4_K_M/2: skip decided",
    ]);
  });

  test("goes on where a killed run ended", () => {
    const world = done();
    world.files.set("/home/ada/notes/b.txt", "edited");
    world.run(small, [], "quantize/Q8_0");
    expect(said(world).slice(0, 3)).toEqual([
      "quantize/Q4_K_M: run input,input,input",
      "baseline/1: run input",
      "noise/1: if upstream",
    ]);
  });

  test("runs new shards, and does not blame this program for the texts they add", () => {
    const longer = { ...small, validate: { ...small.validate, units: 64 } };
    const forecasts = done().forecast(longer);
    expect(forecasts.get("corpus")?.why).toEqual([
      {
        code: "parameter",
        field: "shards",
        from: '[["medical",16],["medical",16]]',
        to: '[["medical",16],["medical",16],["medical",32]]',
      },
    ]);
    expect(forecasts.get("baseline/1")).toMatchObject({ status: "if" });
    expect(forecasts.get("baseline/3")).toMatchObject({ status: "run", why: [{ code: "never-ran" }] });
    expect(forecasts.get("select")?.status).toBe("run");
  });

  test("names a new text and a text that is gone", () => {
    const other = withNotes((notes) => ({
      ...notes,
      files: [...notes.files.slice(1), { path: "/home/ada/notes/c.txt", name: "c.txt" }],
    }));
    expect(done().forecast(other).get("corpus")?.why).toEqual([
      { code: "input", field: "source/notes/a.txt", from: sha256("/home/ada/notes/a.txt"), to: "none" },
      { code: "input", field: "source/notes/c.txt", from: "none", to: sha256("/home/ada/notes/c.txt") },
    ]);
  });

  test("is silent about a change that was taken back", () => {
    const world = done();
    world.files.set("/home/ada/notes/b.txt", "edited");
    world.run(small);
    world.files.delete("/home/ada/notes/b.txt");
    expect(said(world)).toEqual([]);
  });

  describe("holds what it says, for any pipeline and change", () => {
    const changes: [string, (world: World, paths: readonly string[]) => void][] = [
      ["an edited file", (world, paths) => world.files.set(paths[0]!, "edited")],
      ["another model", (world, paths) => world.files.set(paths.at(-1)!, "edited")],
      ["another tool", (world) => (world.tools = { ...toolchain, version: "0.6.0" })],
      ["another machine", (world) => (world.tools = { ...toolchain, numeric: { ...toolchain.numeric, isa: "v4" } })],
      ["a lost output", (world) => world.gone.add(world.latest.get(stepId("corpus"))!.outputs["manifest"]!.digest)],
      ["nothing", () => undefined],
    ];
    test.each(changes)(
      "after %s: `cached` never runs, `run` always does, and `if` is spared by equal bytes",
      (_, change) => {
        fc.assert(
          fc.property(pipelines, fc.boolean(), (pipeline, equal) => {
            const world = new World();
            world.run(pipeline);
            const source = pipeline.corpus.sources[0]!;
            if (source.kind !== "files" && source.kind !== "prompts") throw new Error(source.kind);
            change(world, [source.kind === "files" ? source.files[0]!.path : source.file, pipeline.model]);
            const forecasts = [...world.forecast(pipeline).values()].filter(
              // The world does not make dropped outputs again.
              ({ why }) => !why.some(({ code }) => code === "needed-again"),
            );
            const of = (status: string) => forecasts.filter((each) => each.status === status).map(({ step }) => step);
            const ran = world.run(pipeline, equal ? makePlan(pipeline).steps.map(({ id }) => id) : []);
            expect(of("cached").filter((id) => ran.includes(id))).toEqual([]);
            expect(of("run").filter((id) => !ran.includes(id))).toEqual([]);
            expect(equal ? of("if").filter((id) => ran.includes(id)) : []).toEqual([]);
            for (const { status, why } of forecasts) expect(why.length > 0).toBe(status !== "cached");
          }),
          { numRuns: 25 },
        );
      },
    );
  });
});
