import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readGguf } from "../../src/llama/gguf.ts";
import type { Answer } from "../../src/select/answer.ts";
import { shardName } from "../../src/base/shard-names.ts";
import { Hub } from "../rig/hub.ts";
import { content } from "../rig/hub-files.ts";
import { Rig, type Ended } from "../rig/rig.ts";
import { smallPipeline } from "../rig/small.ts";
import { splitModel } from "../rig/split-model.ts";
import { realTools } from "../rig/tools.ts";

const commit = "cd".repeat(20);
const names = [1, 2, 3].map((number) => shardName("pocket-f16", number, 3));
let rig: Rig;
let hub: Hub;
let parts: Buffer[];
beforeAll(async () => {
  rig = new Rig();
  hub = await Hub.open();
  const path = rig.path("models/pocket-f16.gguf");
  parts = splitModel(path, readFileSync(path), 3);
});
afterAll(async () => {
  await hub[Symbol.asyncDispose]();
  rig[Symbol.dispose]();
});

const run = (file: string, ...more: string[]): Promise<Ended> =>
  rig.start(["run", file, "--json", "--out", rig.out, "--cache", rig.store, ...more], {
    HF_ENDPOINT: hub.url,
    HF_HOME: rig.path("hf"),
  }).ended;
const serve = (name: string, files: readonly Buffer[]): void => {
  hub.repositories.set(name, {
    commit,
    files: Object.fromEntries(files.map((bytes, index) => [`F16/${names[index]}`, content(bytes)])),
  });
};
const pipeline = (model: string): string => smallPipeline.replace("models/pocket-f16.gguf", model);
const answer = (): Answer => JSON.parse(readFileSync(rig.path("out/small/report.json"), "utf8")) as Answer;

/** The weights of the chosen quant, without its header. */
const weights = ({ choice }: Answer): Buffer => {
  const path = rig.path("out/small", choice?.file ?? "");
  const gguf = readGguf(path);
  if (!gguf.ok) throw new Error(gguf.error.why);
  return readFileSync(path).subarray(gguf.value.dataOffset);
};

/** What a quant's header says of its origin differs, as the files differ that it was made from; with it its own digest does. */
const measured = ({ candidates, choice, imatrix, holdout, corpus }: Answer) => ({
  candidates: candidates.map(({ sha256: _sha256, stepKey: _stepKey, provenance, ...rest }) => ({
    ...rest,
    matrix: provenance["pipeline.imatrix.sha256"],
    texts: provenance["pipeline.corpus.sha256"],
  })),
  choice: { ...choice, sha256: null },
  imatrix,
  holdout,
  corpus,
});

test("a model in three files gives what the same model in one file gives", async () => {
  rig.write("whole.yaml", smallPipeline);
  expect((await run("whole.yaml")).code).toBe(0);
  const whole = answer();
  const wholeWeights = weights(whole);
  serve("ada/shards", parts);
  rig.write("shards.yaml", pipeline("hf:ada/shards:F16"));
  const ended = await run("shards.yaml");
  expect(ended.result?.failures ?? []).toEqual([]);
  expect(ended.code).toBe(0);
  const split = answer();
  expect(measured(split)).toEqual(measured(whole));
  expect(weights(split).equals(wholeWeights)).toBe(true);
  const [first] = split.model.parts ?? [];
  for (const { provenance } of split.candidates) expect(provenance["pipeline.model.sha256"]).toBe(first?.sha256);
  expect(split.model.tensors).toBe(whole.model.tensors);
  expect(split.model.parts?.map(({ file }) => file)).toEqual(names);

  const again = spawnSync("sh", [rig.path("out/small/reproduce.sh")], {
    cwd: rig.write("again/.keep", "").replace("/.keep", ""),
    env: { PATH: process.env["PATH"] ?? "", LLAMA_CPP_DIR: realTools() },
    encoding: "utf8",
  });
  expect(again.stderr).toBe("");
  expect(again.status).toBe(0);
});

test("the same files in a folder of the user's are one model as well, and none of them may be missing", async () => {
  mkdirSync(rig.path("own"));
  for (const [index, bytes] of parts.entries()) writeFileSync(rig.path("own", names[index] ?? ""), bytes);
  rig.write("own.yaml", pipeline(`own/${names[0]}`));
  const ended = await run("own.yaml");
  expect(ended.code).toBe(0);
  rig.write("lacking.yaml", pipeline(`own/${names[0]?.replaceAll("00003", "00004")}`));
  expect((await run("lacking.yaml")).code).toBe(2);
});

test("files that do not belong together are told apart by their headers", async () => {
  const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = parts;
  serve("ada/mixed", [first, second, second]);
  rig.write("mixed.yaml", pipeline("hf:ada/mixed:F16"));
  const ended = await run("mixed.yaml");
  expect(ended.code).toBe(1);
  expect(ended.result?.failures?.[0]).toMatchObject({
    reason: "model-unusable",
    why: `it has a part ${names[2]} that says it is number 2, not 3`,
  });
});
