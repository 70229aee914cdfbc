import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ToolName } from "../../src/base/tool.ts";
import { toolEnvironment } from "../../src/llama/env.ts";
import { checkGguf, type Gguf } from "../../src/llama/gguf.ts";
import { textValue } from "../../src/llama/gguf-value.ts";
import { imatrixArgv, imatrixOutcome, imatrixParser } from "../../src/llama/imatrix.ts";
import { checkImatrix, readImatrix } from "../../src/llama/imatrix-file.ts";
import { mergeImatrices } from "../../src/llama/imatrix-merge.ts";
import { withImatrix } from "../../src/llama/imatrix-reader.ts";
import { type OnText, toolLog } from "../../src/llama/log.ts";
import { readLogits } from "../../src/llama/logits.ts";
import {
  baselineArgv,
  baselineParser,
  candidateArgv,
  candidateParser,
  perplexityOutcome,
} from "../../src/llama/perplexity.ts";
import {
  dryRunArgv,
  longestEntry,
  quantizeArgv,
  quantizedBytes,
  quantizeOutcome,
  quantizeParser,
} from "../../src/llama/quantize.ts";
import { tokenizeArgv, tokenizeOutcome, tokenizeParser } from "../../src/llama/tokenize.ts";
import { parseVersion, versionArgv } from "../../src/llama/version.ts";
import { readVocab, tokenSpans } from "../../src/llama/vocab.ts";
import { realTools } from "../rig/tools.ts";
import { fixture } from "./fixture.ts";
import { tinyModel } from "./gguf-writer.ts";

const tools = realTools();
const chunks = 3;
const flags = { context: 128, threads: 2, gpuLayers: 0, jsonLog: true } as const;

// The tools lose lines at their exit; what the product answers with a repeat, a test answers with a retry.
describe("the real tools", { retry: 3 }, () => {
  let directory: string;
  let model: Gguf;
  const at = (name: string): string => join(directory, name);

  const run = async (tool: ToolName, argv: readonly string[], onText: OnText = () => {}): Promise<string> => {
    const log = toolLog(argv.includes("--log-jsonl"), onText);
    const child = execa(join(tools, tool), argv, {
      cwd: directory,
      env: toolEnvironment(process.env, at("empty")),
      extendEnv: false,
      buffer: false,
    });
    child.stdout.on("data", (bytes: Uint8Array) => log.write(bytes, "stdout"));
    child.stderr.on("data", (bytes: Uint8Array) => log.write(bytes, "stderr"));
    await child;
    log.end();
    return log.lastLines().join("\n");
  };

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "llama-"));
    mkdirSync(at("empty"));
    copyFileSync(new URL("../../models/pocket-f16.gguf", import.meta.url), at("model.gguf"));
    writeFileSync(at("text.txt"), "The patient has had a fever since Monday; 120/80, pulse 64.\n".repeat(40));
    const header = checkGguf(at("model.gguf"));
    if (!header.ok) throw new Error(header.error.why);
    model = header.value;
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it("say their version", async () => {
    const version = parseVersion(await run("llama-imatrix", versionArgv));
    expect(version?.number).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it("collect and merge importance matrices that pass the check", async () => {
    for (const [output, from] of [
      ["a.gguf", 0],
      ["b.gguf", chunks],
    ] as const) {
      const parser = imatrixParser();
      const request = { ...flags, model: "model.gguf", text: "text.txt", output, chunks, from };
      await run("llama-imatrix", imatrixArgv(request), parser.push);
      expect(imatrixOutcome(parser.run(), chunks)).toEqual({ status: "complete" });
    }
    const parts = ["a.gguf", "b.gguf"].map((name) => ({ path: at(name), weight: chunks, windows: chunks }));
    expect(mergeImatrices(parts, at("imatrix.gguf"))).toMatchObject({ ok: true });
    const imatrix = readImatrix(at("imatrix.gguf"));
    if (!imatrix.ok) throw new Error(imatrix.error.why);
    expect(imatrix.value).toMatchObject({ chunkCount: 2 * chunks, chunkSize: 128 });
    const checked = withImatrix(at("imatrix.gguf"), (matrix) => checkImatrix(matrix, 2 * chunks * 128, model));
    expect(checked).toMatchObject({ ok: true, value: { missing: [] } });
  });

  it("quantize as the dry run said, to a file that passes the check", async () => {
    const request = { model: "model.gguf", output: "q.gguf", type: "IQ2_XS", imatrix: "imatrix.gguf", threads: 2 };
    const [dry, real] = [quantizeParser(), quantizeParser()];
    await run("llama-quantize", dryRunArgv(request), dry.push);
    await run("llama-quantize", quantizeArgv(request), real.push);
    expect(quantizeOutcome(dry.run())).toEqual({ status: "complete" });
    expect(quantizeOutcome(real.run())).toEqual({ status: "complete" });
    expect(dry.run().tensors).toEqual(real.run().tensors);
    const header = checkGguf(at("q.gguf"));
    if (!header.ok) throw new Error(header.error.why);
    expect(header.value.bytes).toBe(statSync(at("q.gguf")).size);
    const types = new Map(header.value.tensors.map(({ name, type }) => [name, type.name]));
    for (const { name, to } of real.run().tensors) expect(types.get(name)).toBe(to);
  });

  it("write entries of the longest kind into the header, refuse longer ones, and the size is told before", async () => {
    const [key, text] = [`pipeline.${"k".repeat(longestEntry - 9)}`, `0.5 (a, b=c) ${"t".repeat(longestEntry - 13)}`];
    const request = { model: "model.gguf", output: "entries.gguf", type: "Q8_0", threads: 2 };
    const entries = { [key]: text, "pipeline.short": "x" };
    const dry = quantizeParser();
    await run("llama-quantize", dryRunArgv(request), dry.push);
    await run("llama-quantize", quantizeArgv({ ...request, entries }));
    const header = checkGguf(at("entries.gguf"));
    if (!header.ok) throw new Error(header.error.why);
    expect(textValue(header.value.metadata, key)).toBe(text);
    expect(textValue(header.value.metadata, "pipeline.short")).toBe("x");
    const told = quantizedBytes(dry.run(), statSync(at("model.gguf")).size, entries);
    // The tool adds one entry of its own, and the header is padded to a multiple of 32.
    expect(told.ok && Math.abs(told.value - statSync(at("entries.gguf")).size)).toBeLessThan(64);
    for (const longer of [{ [`${key}k`]: "x" }, { short: `${text}t` }])
      await expect(run("llama-quantize", quantizeArgv({ ...request, entries: longer }))).rejects.toThrow("exit code 1");
  });

  it("score a baseline and a candidate", async () => {
    const evaluation = { ...flags, cache: "f16", logits: "base.bin" };
    const baseline = baselineParser();
    await run(
      "llama-perplexity",
      baselineArgv({ ...evaluation, model: "model.gguf", text: "text.txt", chunks: chunks + 1 }),
      baseline.push,
    );
    expect(perplexityOutcome(baseline.run(), chunks)).toEqual({ status: "complete" });
    expect(readLogits(at("base.bin"))).toMatchObject({ ok: true, value: { context: 128, vocab: 4096 } });
    const candidate = candidateParser();
    await run("llama-perplexity", candidateArgv({ ...evaluation, model: "q.gguf" }), candidate.push);
    expect(perplexityOutcome(candidate.run(), chunks)).toEqual({ status: "complete" });
    for (const { kld, sameTop } of candidate.run().chunks) {
      expect(kld).toBeGreaterThan(0);
      expect(sameTop).toBeLessThan(1);
    }
  });

  it.each(["text", "hard", "bpe"])("tokenize to ids whose spans reproduce the text (%s)", async (kind) => {
    if (kind === "hard") writeFileSync(at("text.txt"), fixture("text-for-tokenize.bin"));
    if (kind === "bpe") writeFileSync(at("text.txt"), fixture("text-for-bpe.bin"));
    writeFileSync(at("tiny.gguf"), tinyModel(256));
    const name = kind === "bpe" ? "tiny.gguf" : "model.gguf";
    const parser = tokenizeParser();
    await run("llama-tokenize", tokenizeArgv({ model: name, text: "text.txt" }), parser.push);
    expect(tokenizeOutcome(parser.run())).toEqual({ status: "complete" });
    const header = checkGguf(at(name));
    const vocab = header.ok ? readVocab(header.value) : undefined;
    const text = readFileSync(at("text.txt"));
    expect(vocab && tokenSpans(parser.run().ids, vocab, text)?.ends.at(-1)).toBe(text.length);
  });
});
