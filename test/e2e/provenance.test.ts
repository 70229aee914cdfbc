import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/base/canonical.ts";
import { recipeOf } from "../../src/plan/key.ts";
import { checkGguf } from "../../src/llama/gguf.ts";
import { textValue } from "../../src/llama/gguf-value.ts";
import type { Answer } from "../../src/select/answer.ts";
import { fakeTools } from "../rig/fake-tools.ts";
import { Rig, stepsThat } from "../rig/rig.ts";
import { smallPipeline } from "../rig/small.ts";

let rig: Rig;
beforeAll(async () => {
  rig = new Rig();
  rig.write("small.yaml", smallPipeline);
  expect((await rig.run("small.yaml")).code).toBeLessThan(4);
});
afterAll(() => rig[Symbol.dispose]());

const report = (): Answer => JSON.parse(rig.read("out/small/report.json")) as Answer;

/** What the header of a built file says of its origin. */
const written = (type: string): Record<string, string | undefined> => {
  const sha256 = report().candidates.find((each) => each.type === type)?.sha256 ?? "";
  const header = checkGguf(rig.path("store/store-v1/objects", sha256.slice(0, 2), sha256));
  if (!header.ok) throw new Error(header.error.why);
  const keys = [...header.value.metadata.keys()].filter((key) => key.startsWith("pipeline."));
  return Object.fromEntries(keys.map((key) => [key, textValue(header.value.metadata, key)]));
};

describe("a quant", () => {
  test("names the model, the matrix, the texts, the tools and the step that it comes from", async () => {
    const { model, imatrix, corpus, llamaCpp, candidates } = report();
    const shown = await rig.exec("explain", "quantize/Q4_K_M", "small.yaml", "--cache", rig.store, "--json");
    const { action } = JSON.parse(shown.stdout) as {
      readonly action: { readonly key: string; readonly document: JsonObject };
    };
    const expected = {
      "pipeline.model.sha256": model.sha256,
      "pipeline.imatrix.sha256": imatrix.sha256,
      "pipeline.corpus.sha256": corpus.calibration,
      "pipeline.llama_cpp.version": llamaCpp.version,
      "pipeline.step.sha256": recipeOf(action.document),
    };
    expect(written("Q4_K_M")).toEqual(expected);
    expect(candidates.find(({ type }) => type === "Q4_K_M")).toMatchObject({
      provenance: expected,
      stepKey: action.key,
    });
  });

  test("that ignores the matrix names neither it nor the texts, and is not made again for them", async () => {
    expect(Object.keys(written("Q8_0")).sort()).toEqual([
      "pipeline.llama_cpp.version",
      "pipeline.model.sha256",
      "pipeline.step.sha256",
    ]);
    rig.edit("small.yaml", "seed: 3", "seed: 4");
    const before = report().candidates.map(({ sha256 }) => sha256);
    const ended = await rig.run("small.yaml");
    expect(stepsThat(ended, "done")).toContain("quantize/Q4_K_M");
    expect(ended.steps.get("quantize/Q8_0")).toBe("cached");
    const after = report().candidates.map(({ sha256 }) => sha256);
    expect(after.map((sha256, index) => sha256 === before[index])).toEqual([true, false]);
    expect(written("Q4_K_M")["pipeline.corpus.sha256"]).toBe(report().corpus.calibration);
  });

  test("whose tool left its origin out is not published", async () => {
    using other = new Rig();
    other.write("small.yaml", smallPipeline);
    const script = [
      'kept=(); while [ $# -gt 0 ]; do [ "$1" = --override-kv ] && shift 2 || { kept+=("$1"); shift; }; done',
      'exec "$real" "${kept[@]}"',
    ].join("\n");
    const tools = fakeTools(other, "llama-quantize", script);
    const ended = await other.run("small.yaml", "--llama-cpp", tools);
    expect(ended.code).toBe(1);
    expect(ended.result?.failures?.[0]).toMatchObject({
      reason: "artifact-invalid",
      step: "quantize/Q8_0",
      why: expect.stringContaining("its header does not say that pipeline.model.sha256 is ") as string,
    });
  });
});
