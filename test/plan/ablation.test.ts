import { describe, expect, test } from "vitest";
import { makePlan } from "../../src/plan/plan.ts";
import { ablating, small } from "./pipelines.ts";

const { steps } = makePlan(ablating);
const step = (id: string) => steps.find((spec) => spec.id === id)!;

describe("the steps of an ablation", () => {
  test("come after the decision, and leave the steps before it alone", () => {
    const ids = steps.map(({ id }) => id);
    const before = makePlan(small).steps.filter(({ id }) => id !== "report" && id !== "corpus" && id !== "select");
    expect(ids.filter((id) => id.startsWith("ablation"))).toEqual([
      "ablation/general",
      "ablation/domain",
      "ablation/none/Q4_K_M",
      "ablation/general/Q4_K_M",
      "ablation/domain/Q4_K_M",
      "ablation/general/IQ2_XS",
      "ablation/domain/IQ2_XS",
      "ablation/baseline",
      "ablation/none/Q4_K_M/search",
      "ablation/general/Q4_K_M/search",
      "ablation/domain/Q4_K_M/search",
      "ablation/mixed/Q4_K_M/search",
      "ablation/general/IQ2_XS/search",
      "ablation/domain/IQ2_XS/search",
      "ablation/mixed/IQ2_XS/search",
      "ablation",
    ]);
    expect(ids.findIndex((id) => id === "ablation/general")).toBeGreaterThan(ids.findIndex((id) => id === "select"));
    expect(ids.at(-1)).toBe("report");
    expect(ids).toEqual(expect.arrayContaining(before.map(({ id }) => id)));
  });

  test("the pipeline's own matrix is the ladder's quant; what is built besides waits for its reader and is dropped", () => {
    expect(step("ablation/mixed/Q4_K_M/search").inputs["quant.gguf"]).toMatchObject({ step: "quantize/Q4_K_M" });
    expect(step("ablation/domain/Q4_K_M")).toMatchObject({ lazy: true, outputs: { quant: { ephemeral: true } } });
    expect(step("ablation/baseline")).toMatchObject({ lazy: true, params: { chunks: 16, spare: 1 } });
    expect(step("quantize/Q4_K_M").concerns).toEqual({ type: "Q4_K_M", compared: true });
  });

  test("each matrix is of its own sources, and none has none", () => {
    const sources = (id: string) => (step(id).params["sources"] as { id: string }[]).map((each) => each.id);
    expect(sources("ablation/general")).toEqual(["web"]);
    expect(sources("ablation/domain")).toEqual(["notes", "prompts"]);
    expect(Object.keys(step("ablation/none/Q4_K_M").inputs)).toEqual(["model.gguf"]);
    expect(Object.keys(step("ablation/general/Q4_K_M").inputs)).toEqual([
      "model.gguf",
      "imatrix.gguf",
      "calibration/web",
    ]);
    expect(step("ablation").params["unmade"]).toEqual([{ matrix: "none", type: "IQ2_XS", why: "needs-matrix" }]);
  });

  test("no measurement touches the holdout, and the search split ends with a spare window", () => {
    const read = steps
      .filter(({ id }) => id.startsWith("ablation"))
      .flatMap(({ inputs }) => Object.values(inputs))
      .flatMap((ref) => (ref.from === "step" && ref.step === "corpus" ? [ref.output] : []));
    expect(read).toContain("search");
    expect(read.filter((output) => output.startsWith("holdout"))).toEqual([]);
    expect(step("corpus").params["spareSearch"]).toBe(true);
    expect(makePlan(small).steps.find(({ id }) => id === "corpus")?.params).not.toHaveProperty("spareSearch");
  });

  test("a type that is compared only as the choice says so, and a source without a window makes no matrix", () => {
    const chosen = makePlan({ ...ablating, ablation: { matrices: ["general", "mixed"], types: [], chosen: true } });
    const own = chosen.steps.filter(({ ablates }) => ablates !== undefined);
    expect(own.map(({ ablates }) => ablates)).toEqual(
      own.map(({ ablates }) => ({ type: ablates?.type, ifChosen: true })),
    );
    const sources = ablating.corpus.sources.map((each) => ({ ...each, share: each.id === "web" ? 0.001 : each.share }));
    const few = makePlan({ ...ablating, corpus: { ...ablating.corpus, sources } });
    expect(few.steps.map(({ id }) => id)).not.toContain("ablation/general");
    expect(few.steps.find(({ id }) => id === "ablation")?.params["unmade"]).toContainEqual({
      matrix: "general",
      type: null,
      why: "no-text",
    });
  });
});
