import { describe, expect, it } from "vitest";
import { imatrixArgv, imatrixOutcome, imatrixParser } from "../../src/llama/imatrix.ts";
import { cutResults, forms, messageOf, parsed, parsedCut } from "./fixture.ts";

const request = { context: 512, threads: 3, gpuLayers: 0, model: "model.gguf", text: "text.txt", output: "out.gguf" };

describe("imatrixArgv", () => {
  it("leaves nothing to defaults", () => {
    expect(imatrixArgv({ ...request, chunks: 6, jsonLog: true }).join(" ")).toBe(
      "-m model.gguf -f text.txt -o out.gguf --output-format gguf -c 512 -b 512 -ub 512 -t 3 -tb 3 -ngl 0 -fit off " +
        "-lv 3 --log-colors off --log-prefix --log-timestamps --log-jsonl " +
        "--chunk 0 --chunks 6 -ofreq 2147483647 --save-frequency 0 --ppl",
    );
  });

  it("finds a micro-batch that divides the context", () => {
    const argv = imatrixArgv({ ...request, context: 1536, chunks: 6, jsonLog: false });
    expect(argv[argv.indexOf("-ub") + 1]).toBe("512");
    expect(() => imatrixArgv({ ...request, chunks: 1, jsonLog: false, microBatch: 8 })).toThrow("Internal error");
  });

  it("goes on from another matrix", () => {
    const argv = imatrixArgv({ ...request, chunks: 6, from: 16, previous: "previous.gguf", jsonLog: false }).join(" ");
    expect(argv).toContain(" --in-file previous.gguf ");
    expect(argv).toContain(" --chunk 16 --chunks 6 ");
  });
});

describe("imatrixParser", () => {
  it.each(forms)("reads plan, pace and chunks (%s)", (form) => {
    const run = parsed(imatrixParser, "imatrix", form);
    expect(run).toMatchObject({ planned: 6, done: 6, perplexity: 87.2368, errors: [] });
    expect(run.secondsPerPass).toBeGreaterThan(0);
    expect(imatrixOutcome(run, 6)).toEqual({ status: "complete" });
  });

  it.each(forms)("does not depend on how the output is cut (%s)", (form) => {
    const whole = parsed(imatrixParser, "imatrix", form);
    for (const run of cutResults(imatrixParser, "imatrix", form)) expect(run).toEqual(whole);
  });

  it("shows a chunk before its line has ended", () => {
    const parser = imatrixParser();
    parser.push("[1]106.3066,[2]84.76", "stdout");
    expect(parser.run().done).toBe(1);
    parser.push("52,", "stdout");
    expect(parser.run().done).toBe(2);
  });

  it("names a text that is too short, when the tool came to say it", () => {
    const outcome = imatrixOutcome(parsed(imatrixParser, "imatrix-short", "jsonl"), 6);
    expect(messageOf(outcome)).toContain("at least 1024 tokens");
    // The plain run lost both of its lines at exit; it is known to have failed by its exit code, 1.
    expect(parsed(imatrixParser, "imatrix-short", "plain").errors).toEqual([]);
  });

  it.each(forms)("takes an unwritten file as a failure, though the tool exits 0 (%s)", (form) => {
    const outcome = imatrixOutcome(parsed(imatrixParser, "imatrix-unwritten", form), 2);
    expect(messageOf(outcome)).toContain("failed to open file");
  });

  it("names the tensor in which a model is broken, when the tool came to say it", () => {
    const run = parsed(imatrixParser, "imatrix-nan", "plain");
    expect(run.errors).toEqual(["collect_imatrix: non-finite values detected in blk.3.attn_q.weight"]);
  });

  it("counts fewer windows than asked for as a refusal, and lost lines as nothing", () => {
    expect(imatrixOutcome(parsed(imatrixParser, "imatrix", "plain"), 9)).toMatchObject({ status: "refused" });
    expect(imatrixOutcome(parsedCut(imatrixParser, "imatrix", "plain", 20), 6)).toEqual({ status: "complete" });
    expect(imatrixOutcome(imatrixParser().run(), 0)).toEqual({ status: "complete" });
  });
});
