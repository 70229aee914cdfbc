import { describe, expect, test } from "vitest";
import { readModelHeader } from "../../../src/run/hub/remote-header.ts";
import type { ModelSource } from "../../../src/pipeline/pipeline.ts";
import { ggufBytes } from "../../llama/gguf-writer.ts";
import { Hub, type Misdeed, type Seen } from "../../rig/hub.ts";
import { hollow } from "../../rig/hub-files.ts";

const rows = 2 ** 21;
const width = 4096;
const size = 2 * rows * width;

/** Sixteen gigabytes of which only the header is there: one tensor, and a vocabulary as large as the largest. */
const header = ggufBytes(
  [
    { key: "general.architecture", text: "llama" },
    { key: "tokenizer.ggml.tokens", texts: Array.from({ length: 262_144 }, (_, index) => `token-${index}`) },
    { key: "tokenizer.ggml.merges", texts: Array.from({ length: 300_000 }, (_, index) => `to ken-${index}`) },
  ],
  [{ name: "output.weight", dims: [width, rows], type: 1, data: new Uint8Array(0) }],
);

const sourceOf = (hub: Hub): ModelSource => {
  const file = hollow(header, header.length + size);
  hub.plain.set("/m.gguf", file);
  const fetched = {
    what: "the model",
    url: `${hub.url}/m.gguf`,
    sha256: file.oid ?? "",
    bytes: file.size,
    target: "/nowhere/blob",
    lock: "/nowhere/lock",
  };
  return { files: [{ path: "/nowhere/m.gguf", fetched }], hub: null };
};

describe("the header of a model of 16 GB behind a server", () => {
  test("costs no more than it is long, twice", async () => {
    await using hub = await Hub.open();
    const read = await readModelHeader(sourceOf(hub), {});
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    expect(read.value.tensors.map(({ bytes }) => bytes)).toEqual([size]);
    expect(header.length).toBeGreaterThan(10 * 2 ** 20);
    expect(hub.sentBytes()).toBeLessThan(32e6);
  });

  test.each<[string, (seen: Seen) => Misdeed | undefined, string]>([
    ["all of another file", () => ({ status: 200 }), "bad-answer"],
    ["another size", () => ({ size: 12 }), "bad-answer"],
    ["not there", () => ({ status: 404 }), "not-found"],
  ])("%s", async (_, misbehave, problem) => {
    await using hub = await Hub.open();
    hub.misbehave = misbehave;
    const read = await readModelHeader(sourceOf(hub), {});
    expect(read).toMatchObject({ ok: false, error: { reason: "fetch-failed", problem } });
  });

  test("a cut is read again", async () => {
    await using hub = await Hub.open();
    hub.misbehave = ({ turn }) => (turn === 0 ? { cut: 1000 } : undefined);
    expect((await readModelHeader(sourceOf(hub), {})).ok).toBe(true);
  });
});
