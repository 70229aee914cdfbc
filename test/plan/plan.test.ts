import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makePlan } from "../../src/plan/plan.ts";
import type { StepSpec } from "../../src/plan/step.ts";
import { importing, pipelines, small, toppedUp } from "./pipelines.ts";

const step = (steps: readonly StepSpec[], id: string): StepSpec => steps.find((spec) => spec.id === id)!;

const anyPlan = (holds: (steps: readonly StepSpec[], pipeline: typeof small) => void): void => {
  fc.assert(
    fc.property(pipelines, (pipeline) => holds(makePlan(pipeline).steps, pipeline)),
    { numRuns: 50 },
  );
};

describe("makePlan", () => {
  test("tops up round after round, goes on from the round before, and mixes what came of the last", () => {
    const { steps } = makePlan(toppedUp);
    const rounds = steps.filter(({ kind }) => kind === "top-up");
    expect(rounds.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((round) => `top-up/notes/${round}`));
    expect(rounds[1]!.inputs["previous.gguf"]).toEqual({ from: "step", step: "top-up/notes/1", output: "added" });
    expect(step(steps, "imatrix").inputs["top-up/matrix"]).toMatchObject({ step: "top-up/notes/8" });
    expect(Object.keys(step(steps, "quantize/Q4_K_M").inputs)).toContain("coverage/pins");
    expect(Object.keys(step(steps, "quantize/Q8_0").inputs)).toEqual(["model.gguf"]);
  });

  test("collects no more than a probe where the matrix is imported", () => {
    const { steps } = makePlan(importing);
    expect(steps.filter(({ tool }) => tool === "llama-imatrix").map(({ id }) => id)).toEqual(["imatrix/probe"]);
    expect(step(steps, "corpus").params["calibration"]).toEqual([{ id: "notes", chunks: 2, most: 2, topUp: 0 }]);
    expect(step(steps, "imatrix")).toMatchObject({ kind: "import", params: { file: "imatrix.gguf" } });
  });

  test("lists all steps, shard after shard, so that every type is measured once before any is measured twice", () => {
    expect(makePlan(small).steps.map(({ id }) => id)).toEqual([
      "model",
      "corpus",
      "imatrix/notes/1",
      "imatrix/prompts/1",
      "imatrix",
      "ladder",
      "quantize/Q8_0",
      "quantize/Q4_K_M",
      "baseline/1",
      "noise/1",
      "validate/Q8_0/1",
      "validate/Q4_K_M/1",
      "baseline/2",
      "validate/Q8_0/2",
      "validate/Q4_K_M/2",
      "select",
      "report",
    ]);
  });

  test("asks the corpus for the shards that it measures, each with its domain", () => {
    anyPlan((steps, { validate, corpus }) => {
      const { params, outputs } = step(steps, "corpus");
      const shards = params["shards"] as [string, number][];
      const baselines = steps.filter(({ kind }) => kind === "baseline");
      expect(params).toMatchObject({ domains: validate.domains, searchUnits: corpus.searchUnits });
      expect(shards.map(([, units]) => (units * validate.unit) / validate.context)).toEqual(
        baselines.map((baseline) => baseline.params["chunks"]),
      );
      expect(new Set(shards.map(([domain]) => domain))).toEqual(new Set(validate.domains));
      expect(Object.keys(outputs)).toEqual(expect.arrayContaining(shards.map((_, index) => `holdout-${index + 1}`)));
    });
  });

  test("gives the same plan for the same pipeline", () => {
    expect(makePlan(structuredClone(small))).toEqual(makePlan(small));
  });

  test("names every step once", () => {
    anyPlan((steps) => {
      expect(new Set(steps.map(({ id }) => id)).size).toBe(steps.length);
    });
  });

  test("reads nothing but outputs that an earlier step has", () => {
    anyPlan((steps) => {
      const made = new Map<string, readonly string[]>();
      for (const { id, inputs, after, outputs } of steps) {
        const missing = Object.values(inputs).filter(
          (ref) => ref.from === "step" && made.get(ref.step)?.includes(ref.output) !== true,
        );
        expect(missing, id).toEqual([]);
        for (const needed of after) expect([...made.keys()]).toContain(needed);
        made.set(id, Object.keys(outputs));
      }
    });
  });

  test("puts no output of a step where one of its inputs lies, whatever a source is called", () => {
    anyPlan((steps) => {
      for (const { id, inputs, outputs } of steps) {
        const files = Object.values(outputs).map(({ file }) => file);
        expect(new Set(files).size, id).toBe(files.length);
        expect(
          Object.keys(inputs).filter((role) => files.includes(role)),
          id,
        ).toEqual([]);
      }
    });
  });

  test("mixes the last range of every source, whatever a source is called", () => {
    anyPlan((steps) => {
      const { inputs, params } = step(steps, "imatrix");
      const last = steps.filter(({ kind, outputs }) => kind === "imatrix" && "command" in outputs).map(({ id }) => id);
      const read = Object.values(inputs).flatMap((ref) => (ref.from === "step" ? [ref.step] : []));
      // Of the corpus it reads how many windows each source gave.
      expect(read).toEqual([...last, ...last.map(() => "corpus")]);
      expect(inputs["model.gguf"]).toEqual({ from: "file", path: small.model });
      // The step finds its files by the names in its parameters.
      for (const { id } of params["sources"] as { id: string }[]) expect(Object.keys(inputs)).toContain(`parts/${id}`);
    });
  });

  test("lets each range go on from the one before it", () => {
    anyPlan((steps) => {
      for (const { id, kind, inputs } of steps) {
        if (kind !== "imatrix") continue;
        const [, source, range] = id.split("/");
        const before = inputs["previous.gguf"];
        const wanted = { from: "step", step: `imatrix/${source}/${Number(range) - 1}`, output: "part" };
        expect(before, id).toEqual(Number(range) === 1 ? undefined : wanted);
      }
    });
  });

  test("divides all windows of the importance matrix over the sources, and leaves out those that get none", () => {
    anyPlan((steps, pipeline) => {
      const parts = step(steps, "imatrix").params["sources"] as { chunks: number; most: number }[];
      expect(parts.reduce((sum, { chunks }) => sum + chunks, 0)).toBe(pipeline.imatrix.chunks);
      expect(Math.min(...parts.map(({ chunks }) => chunks))).toBeGreaterThan(0);
    });
  });

  test("collects the same of a source whatever its share is", () => {
    anyPlan((steps, pipeline) => {
      const shares = pipeline.corpus.sources.map(({ share }) => share).toReversed();
      const sources = pipeline.corpus.sources.map((source, index) => ({ ...source, share: shares[index] ?? 0 }));
      const other = makePlan({ ...pipeline, corpus: { ...pipeline.corpus, sources } });
      // One whose share rounds to nothing in either has none there.
      const both = other.steps.filter(({ id, kind }) => kind === "imatrix" && steps.some((spec) => spec.id === id));
      expect(both).toEqual(both.map(({ id }) => step(steps, id)));
    });
  });

  test("measures every unit once, every type on every shard", () => {
    anyPlan((steps, { validate, quantize }) => {
      const baselines = steps.filter(({ kind }) => kind === "baseline");
      const windows = baselines.map(({ params }) => Number(params["chunks"]));
      expect(windows.reduce((a, b) => a + b, 0)).toBe((validate.units * validate.unit) / validate.context);
      const measurements = steps.filter(({ concerns }) => concerns?.stretch !== undefined);
      expect(measurements).toHaveLength(baselines.length * quantize.types.length);
      // On the first look the full-precision model is held against itself as well.
      const noise = steps.filter(({ id }) => id.startsWith("noise/"));
      expect(noise.reduce((sum, { params }) => sum + Number(params["chunks"]), 0)).toBe(
        16 * (validate.unit / validate.context),
      );
      expect(steps.filter(({ params }) => params["spare"] === 1)).toHaveLength(
        baselines.length + measurements.length + noise.length,
      );
    });
  });

  test("measures a candidate with the parameters of its baseline", () => {
    for (const shard of [1, 2])
      expect(step(makePlan(small).steps, `validate/Q4_K_M/${shard}`).params).toEqual(
        step(makePlan(small).steps, `baseline/${shard}`).params,
      );
  });

  test("gives the importance matrix to the types that use it only", () => {
    const { steps } = makePlan(small);
    expect(Object.keys(step(steps, "quantize/Q8_0").inputs)).toEqual(["model.gguf"]);
    expect(Object.keys(step(steps, "quantize/Q4_K_M").inputs)).toEqual([
      "model.gguf",
      "imatrix.gguf",
      "calibration/notes",
      "calibration/prompts",
    ]);
  });

  test("keeps every output but base logits and what a range gives to the next", () => {
    anyPlan((steps) => {
      const dropped = steps.flatMap(({ kind, outputs }) =>
        Object.entries(outputs).flatMap(([name, { ephemeral }]) => (ephemeral === true ? [`${kind}:${name}`] : [])),
      );
      expect(
        dropped.filter((output) => output !== "imatrix:part").every((output) => output === "baseline:logits"),
      ).toBe(true);
    });
  });

  test("hands the report every output that is kept, once", () => {
    anyPlan((steps) => {
      const { inputs } = step(steps, "report");
      const read = Object.values(inputs).flatMap((ref) => (ref.from === "step" ? [`${ref.step}:${ref.output}`] : []));
      const tools = steps.filter(({ kind }) => !["model", "corpus", "select", "report"].includes(kind));
      const kept = tools.flatMap(({ id, outputs }) =>
        Object.keys(outputs)
          .filter((name) => name !== "logits" && name !== "part")
          .map((name) => `${id}:${name}`),
      );
      expect(read.sort()).toEqual(["corpus:manifest", "model:info", "select:selection", ...kept].sort());
    });
  });

  test("writes down for each command where its files come from, and which it must give", () => {
    const commands = step(makePlan(small).steps, "report").params["commands"] as { step: string }[];
    expect(commands.find((command) => command.step === "validate/Q4_K_M/2")).toEqual({
      step: "validate/Q4_K_M/2",
      inputs: {
        "quant.gguf": { from: "command", step: "quantize/Q4_K_M", file: "quant.gguf" },
        "base.logits": { from: "command", step: "baseline/2", file: "base.logits" },
      },
      outputs: {},
    });
    expect(commands.find((command) => command.step === "baseline/1")).toEqual({
      step: "baseline/1",
      inputs: { "model.gguf": { from: "model" }, "holdout.txt": { from: "corpus", file: "holdout-1.txt" } },
      outputs: { "base.logits": null },
    });
  });

  test("names in each command only files that the command before really writes", () => {
    anyPlan((steps) => {
      type Input = { from: string; step: string; file: string };
      const commands = step(steps, "report").params["commands"] as unknown as { inputs: Record<string, Input> }[];
      for (const { inputs } of commands) {
        for (const { from, step: producer, file } of Object.values(inputs)) {
          if (from === "model") continue;
          const { outputs } = step(steps, { corpus: "corpus", result: "imatrix" }[from] ?? producer);
          expect(Object.values(outputs).map((output) => output.file)).toContain(file);
        }
      }
    });
  });

  test("holds no absolute path in any parameter", () => {
    anyPlan((steps) => {
      expect(JSON.stringify(steps.map(({ params }) => params))).not.toContain("/home/ada/");
    });
  });
});
