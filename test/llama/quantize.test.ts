import { describe, expect, it } from "vitest";
import { dryRunArgv, quantizeArgv, quantizeOutcome, quantizeParser } from "../../src/llama/quantize.ts";
import { cutResults, parsed } from "./fixture.ts";

describe("argv", () => {
  it("puts flags first and no name where a type could stand", () => {
    const request = { model: "model.gguf", output: "7b.gguf", type: "Q4_K_M", threads: 2 };
    expect(quantizeArgv(request)).toEqual(["./model.gguf", "./7b.gguf", "Q4_K_M", "2"]);
    expect(dryRunArgv({ ...request, imatrix: "imatrix.gguf" })).toEqual([
      "--dry-run",
      "--imatrix",
      "imatrix.gguf",
      "./model.gguf",
      "Q4_K_M",
      "2",
    ]);
  });

  it("gives each entry of the header as one argument, whatever is in its text", () => {
    const request = { model: "model.gguf", output: "q.gguf", type: "Q8_0", threads: 2 };
    expect(quantizeArgv({ ...request, entries: { a: "0.5 (build 1, x=y)" } }).slice(0, 2)).toEqual([
      "--override-kv",
      "a=str:0.5 (build 1, x=y)",
    ]);
  });
});

describe("quantizeParser", () => {
  it("reads every tensor, what it became, and the sizes", () => {
    const run = parsed(quantizeParser, "quantize", "plain");
    expect(run).toMatchObject({ done: 56, total: 56, modelMib: 11.01, quantMib: 2.01, bitsPerWeight: 2.92 });
    expect(run.tensors).toHaveLength(56);
    expect(run.tensors[0]).toEqual({ name: "output_norm.weight", shape: [256, 1, 1, 1], from: "f32", to: "f32" });
    expect(run.tensors[1]).toEqual({ name: "token_embd.weight", shape: [256, 4096, 1, 1], from: "f16", to: "q5_K" });
    expect(run.version).toBe("0.5.0-dev (build 1, commit de3ff81)");
    expect(quantizeOutcome(run)).toEqual({ status: "complete" });
  });

  it("finds in a dry run what the real run does", () => {
    const [dry, real] = [parsed(quantizeParser, "dry-run", "plain"), parsed(quantizeParser, "quantize", "plain")];
    expect(dry.tensors).toEqual(real.tensors);
    expect(dry.quantMib).toBe(real.quantMib);
    expect(dry.needsImatrix).toBe(false);
    expect(parsed(quantizeParser, "dry-run-needs-imatrix", "plain").needsImatrix).toBe(true);
  });

  it.each(["quantize", "quantize-fallback"])("does not depend on how the output is cut (%s)", (name) => {
    const whole = parsed(quantizeParser, name, "plain");
    for (const run of cutResults(quantizeParser, name, "plain")) expect(run).toEqual(whole);
  });

  it("says which tensors did not get their type", () => {
    const run = parsed(quantizeParser, "quantize-fallback", "plain");
    expect(run.tensors.filter(({ wanted }) => wanted !== undefined)).toHaveLength(7);
    expect(run.tensors.find(({ name }) => name === "blk.0.attn_v.weight")).toMatchObject({
      wanted: "q6_K",
      to: "q8_0",
    });
    expect(quantizeOutcome(run)).toEqual({ status: "complete" });
  });

  it("shows a tensor as soon as it is begun", () => {
    const parser = quantizeParser();
    parser.push("[   2/  56] token_embd.weight   - [   256,   4096,      1,      1], type =    f16, ", "stderr");
    expect(parser.run()).toMatchObject({ done: 2, total: 56, tensors: [] });
  });

  it.each([
    ["quantize-needs-imatrix", "this quantization requires an imatrix!"],
    ["quantize-requantize", "requantizing from type q5_K is disabled"],
    ["quantize-no-imatrix-file", "missing imatrix metadata in file model.gguf"],
    ["quantize-no-model", "llama_model_loader: failed to load model from ./absent.gguf"],
  ])("reads why it was refused (%s)", (name, message) => {
    expect(quantizeOutcome(parsed(quantizeParser, name, "plain"))).toEqual({ status: "refused", message });
  });

  it("misses what was cut off", () => {
    const parser = quantizeParser();
    expect(quantizeOutcome(parser.run())).toMatchObject({ status: "incomplete", missing: "the list of tensors" });
    parser.push("[   1/  2] a.weight - [ 32, 1, 1, 1], type =    f32, size =    0.001 MiB\n", "stderr");
    expect(quantizeOutcome(parser.run())).toMatchObject({ missing: "tensor 2 of 2" });
    parser.push("[   2/  2] b.weight - [ 32, 1, 1, 1], type =    f32, size =    0.001 MiB\n", "stderr");
    expect(quantizeOutcome(parser.run())).toMatchObject({ missing: "the line `quant size`" });
  });
});
