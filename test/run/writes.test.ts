import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { stepId } from "../../src/base/ids.ts";
import type { StepSpec } from "../../src/plan/step.ts";
import { logitsBytes } from "../../src/llama/logits.ts";
import { baselineWrites, corpusWrites, imatrixWrites, quantizeWrites } from "../../src/run/steps/writes.ts";

const model = fileURLToPath(new URL("../../models/pocket-f16.gguf", import.meta.url));

const spec = (params: StepSpec["params"], inputs: StepSpec["inputs"] = {}): StepSpec => ({
  id: stepId("quantize/Q8_0"),
  kind: "quantize",
  title: "",
  params,
  inputs: { "model.gguf": { from: "file", path: model }, ...inputs },
  after: [],
  numeric: false,
  outputs: {},
});

const nothing = { sizeOf: (): undefined => undefined, ladder: undefined };

describe("what a step will write", () => {
  test("a corpus: three times its sources, and nothing for one that is not made yet or is no source", () => {
    const file = { from: "file", path: "/a" } as const;
    const inputs = { "source/a/x.txt": file, "source/b": file, "source/c": file, "template/a": file };
    const sizes: Readonly<Record<string, number>> = { "source/a/x.txt": 100, "source/b": 7, "template/a": 5000 };
    expect(corpusWrites({ ...nothing, spec: spec({}, inputs), sizeOf: (role) => sizes[role] })).toBe(321);
    expect(corpusWrites({ ...nothing, spec: spec({}) })).toBe(0);
  });

  test("an importance matrix: not less than the real one of the demo model, and not twice as much", () => {
    // What llama-imatrix v0.5.0 wrote for this model: 61,856 bytes.
    const bytes = imatrixWrites({ ...nothing, spec: spec({}) });
    expect(bytes).toBeGreaterThanOrEqual(61_856);
    expect(bytes).toBeLessThan(2 * 61_856);
  });

  test("base logits: the length of the file by its formula, the spare window included", () => {
    const bytes = baselineWrites({ ...nothing, spec: spec({ chunks: 16, spare: 1, context: 512 }) });
    expect(bytes).toBe(logitsBytes({ context: 512, vocab: 4096, chunks: 17 }));
  });

  test("a quant: its size in the ladder, also where a rule leaves it out; unknown before there is one", () => {
    const pruned = [{ type: "Q4_0", bytes: 4, by: "IQ4_XS", source: "" }];
    const ladder = { rungs: [{ type: "Q8_0", bytes: 8 }], pruned };
    expect(quantizeWrites({ ...nothing, ladder, spec: spec({ type: "Q8_0" }) })).toBe(8);
    expect(quantizeWrites({ ...nothing, ladder, spec: spec({ type: "Q4_0" }) })).toBe(4);
    expect(quantizeWrites({ ...nothing, ladder, spec: spec({ type: "Q2_K" }) })).toBeUndefined();
    expect(quantizeWrites({ ...nothing, spec: spec({ type: "Q8_0" }) })).toBeUndefined();
  });

  test("unknown for a model that cannot be read: that is another failure", () => {
    const gone = { ...nothing, spec: spec({}, { "model.gguf": { from: "file", path: "/no/such/model" } }) };
    expect(imatrixWrites(gone)).toBeUndefined();
    expect(baselineWrites(gone)).toBeUndefined();
  });
});
