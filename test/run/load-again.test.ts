import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { fingerprint, sha256, type Json } from "../../src/base/canonical.ts";
import type { Digest } from "../../src/base/ids.ts";
import { makeDiskReader } from "../../src/run/disk-reader.ts";
import { loadAgain, type Loaded, type Memory } from "../../src/run/load-again.ts";
import { openChecked } from "../../src/store/checked.ts";
import { folder, openStore, type Store } from "../store/folder.ts";

const text = `name: small
model: model.gguf
corpus:
  split: { search: 2 units }
  sources: [{ id: notes, files: "notes/*.txt", domain: medical, share: 100% }]
imatrix: { chunks: 4, context: 128 }
quantize: { types: [Q8_0, Q4_K_M] }
validate: { domain: medical, units: 16, unit: 128, context: 128 }
select: { tolerance: chat }
`;

let store: Store;
let place: string;
let memory: Memory;
let file: string;

beforeEach(() => {
  store = openStore();
  place = folder();
  file = join(place, "small.yaml");
  memory = { checked: openChecked(store.folder, "there"), program: sha256("this program"), cwd: place };
  mkdirSync(join(place, "notes"));
  for (let note = 0; note < 60; note += 1) writeFileSync(join(place, "notes", `${note}.txt`), `${note} `.repeat(1000));
  writeFileSync(join(place, "model.gguf"), "");
  writeFileSync(file, text);
});

const load = (how: Memory = memory) => loadAgain(file, makeDiskReader({}), how);
const loaded = async (how?: Memory): Promise<Loaded> => {
  const found = await load(how);
  if (!found.ok) throw new Error(JSON.stringify(found.error));
  return found.value;
};

/** Puts a mark on what is remembered, so that one can see whether it is used. */
const mark = (program = memory.program): void => {
  const name = fingerprint({ program: program ?? null, file, cwd: place });
  const kept = memory.checked.read(name) as { readonly pipeline: Json } | undefined;
  if (kept === undefined) throw new Error("nothing is remembered");
  memory.checked.write(name, { ...kept, pipeline: { ...(kept.pipeline as object), name: "remembered" } });
};
const nameNow = async (how?: Memory): Promise<string> => (await loaded(how)).pipeline.name;

test("what is remembered is what was loaded, to the last field", async () => {
  const first = await loaded();
  const again = await loaded();
  expect(again.pipeline).toEqual(first.pipeline);
  expect(again.warnings).toEqual(first.warnings);
  mark();
  expect(await nameNow()).toBe("remembered");
});

test.each([
  ["the file", (): void => writeFileSync(file, text.replace("units: 16", "units: 32"))],
  ["a file below a glob", (): void => writeFileSync(join(place, "notes", "new.txt"), "new")],
  ["one that is gone", (): void => rmSync(join(place, "notes", "7.txt"))],
])("a change of %s is seen", async (_, change) => {
  const before = await loaded();
  mark();
  change();
  const after = await loaded();
  expect(after.pipeline.name).toBe("small");
  expect(after.pipeline).not.toEqual(before.pipeline);
});

test("a mistake that came since is told, and what is mended is loaded again", async () => {
  await loaded();
  mark();
  rmSync(join(place, "model.gguf"));
  expect(await load()).toMatchObject({ ok: false, error: { reason: "invalid-pipeline" } });
  writeFileSync(join(place, "model.gguf"), "");
  expect(await nameNow()).toBe("remembered");
});

test("of another program, or from another folder, nothing counts", async () => {
  await loaded();
  mark();
  expect(await nameNow({ ...memory, program: sha256("another program") })).toBe("small");
  expect(await nameNow({ ...memory, cwd: "/" })).toBe("small");
  expect(await nameNow()).toBe("remembered");
});

test("an address that may open something is remembered nowhere", async () => {
  const url = "https://example.org/text.txt?signature=secret";
  const source = `{ id: web, url: "${url}", sha256: ${sha256("x")}, domain: general, share: 10% }`;
  writeFileSync(file, text.replace("share: 100% }]", `share: 90% }, ${source}]`));
  await loaded();
  expect(readdirSync(join(store.folder, "store-v1", "checked"))).toEqual([]);
  writeFileSync(file, text);
  await loaded();
  expect(readdirSync(join(store.folder, "store-v1", "checked"))).toHaveLength(1);
});

test("without a store, or where the program cannot tell its own changes, each load is a new one", async () => {
  await loaded();
  mark();
  const noProgram: { readonly program: Digest | undefined } = { program: undefined };
  expect(await nameNow({ ...memory, ...noProgram })).toBe("small");
  expect(await nameNow({ ...memory, checked: openChecked(folder(), "there") })).toBe("small");
});
