import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { logitsBytes, readLogits } from "../../src/llama/logits.ts";
import { fixture } from "./fixture.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "logits-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** The first 64 bytes of a file that llama-perplexity wrote for 6 windows of the demo model. */
const head = fixture("logits-head.bin");
/** `ls -l` of that file. */
const realSize = 12_558_308;

const sparse = (bytes: Uint8Array, size: number): string => {
  const path = join(directory, "base.bin");
  writeFileSync(path, bytes);
  truncateSync(path, size);
  return path;
};

describe("logitsBytes", () => {
  it("gives the length of a real file", () => {
    expect(logitsBytes({ context: 512, vocab: 4096, chunks: 6 })).toBe(realSize);
  });

  it("rounds an odd vocabulary up", () => {
    const shape = { context: 512, chunks: 1 };
    expect(logitsBytes({ ...shape, vocab: 50_257 })).toBe(logitsBytes({ ...shape, vocab: 50_258 }));
  });
});

describe("readLogits", () => {
  it("reads shape and tokens", () => {
    const result = readLogits(sparse(head, realSize));
    if (!result.ok) throw new Error(result.error.why);
    expect(result.value).toMatchObject({ context: 512, vocab: 4096, chunks: 6 });
    expect(result.value.tokens).toHaveLength(6 * 512);
    expect([...result.value.tokens.subarray(0, 3)]).toEqual([1, 524, 287]);
  });

  it.each([
    ["an empty file", () => sparse(new Uint8Array(0), 0), "is 0 bytes long, too short for base logits"],
    ["what a too short text leaves", () => sparse(head, 12), "is 12 bytes long, too short for base logits"],
    [
      "a file that is cut",
      () => sparse(head, realSize - 1),
      `is ${realSize - 1} bytes long, but its header asks for ${realSize}`,
    ],
    ["another kind of file", () => sparse(Buffer.from("GGUF".repeat(20)), 80), "holds no base logits"],
    ["negative chunks", () => sparse(withChunks(-1), realSize), "has a header that cannot be"],
    ["a header of billions", () => sparse(withChunks(2 ** 31 - 1), realSize), "but its header asks for"],
  ])("refuses %s", (_, make, reason) => {
    const result = readLogits(make());
    expect(result.ok ? "ok" : result.error.why).toContain(reason);
  });
});

const withChunks = (chunks: number): Buffer => {
  const bytes = Buffer.from(head);
  bytes.writeInt32LE(chunks, 16);
  return bytes;
};
