import { readdirSync, statSync, truncateSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CacheCollection, CacheUsage, CacheVerification } from "../../src/run/cache-view.ts";
import type { RunRecord } from "../../src/run/record.ts";
import type { StepView } from "../../src/run/step-view.ts";
import { Rig, stepIs, stepsThat, type Ended } from "../rig/rig.ts";
import { tinyPipeline } from "../rig/tiny.ts";
import { editInPlace } from "../store/folder.ts";

// One store, in which each test finds what the one before has left: a run with real tools takes its time.
const rig = new Rig();
let sums: ReadonlyMap<string, string>;

const cache = (...args: string[]): Promise<Ended> => rig.exec("cache", ...args, "--cache", rig.store);
const asked = async <T>(...args: string[]): Promise<T> => JSON.parse((await cache(...args, "--json")).stdout) as T;
const list = (): Promise<CacheUsage> => asked<CacheUsage>("ls");
const record = (): RunRecord => JSON.parse(rig.read("out/tiny/run.json")) as RunRecord;
const lookAt = async (step: string): Promise<StepView> =>
  JSON.parse((await rig.exec("explain", step, "--cache", rig.store, "--json")).stdout) as StepView;
/** The file of the largest output of a step. */
const objectOf = async (step: string): Promise<string> => {
  const outputs = (await lookAt(step)).action?.outputs ?? [];
  const digest = outputs.toSorted((a, b) => b.size - a.size)[0]?.sha256 ?? "";
  return rig.path("store/store-v1/objects", digest.slice(0, 2), digest);
};
/** Every file of the store with its size, but for what is written on each look. */
const files = (): string[] =>
  readdirSync(rig.store, { recursive: true, encoding: "utf8" })
    .filter((name) => !name.includes("memo.jsonl"))
    .map((name) => `${name} ${statSync(`${rig.store}/${name}`).size}`)
    .sort();

beforeAll(async () => {
  rig.write("tiny.yaml", tinyPipeline);
  const ended = await rig.run("tiny.yaml");
  expect(ended.code, ended.stdout + ended.stderr).toBe(0);
  sums = rig.sums("tiny");
});
afterAll(() => rig[Symbol.dispose]());

describe("what a run says of its store", () => {
  test("run.json has its size, what could be collected, and how each result was placed", async () => {
    const { storeBytes, storeSummary, links, pipelineFile } = record();
    expect(storeBytes).toBe((await list()).bytes);
    expect(storeSummary).toMatchObject({ actions: 14, collectable: 0, collected: { actions: 0, bytes: 0 } });
    expect(pipelineFile).toBe(rig.path("tiny.yaml"));
    expect(links["tiny-Q4_K_M.gguf"]).toMatch(/^(reflink|hardlink|copy)$/);
  });
});

describe("cache ls", () => {
  test("lists all actions of the run, all of them kept for the next", async () => {
    const { rows, actions, collectable, bytes, quarantine, pins } = await list();
    expect(rows.map(({ step }) => step)).toContain("quantize/Q4_K_M");
    expect(rows.every(({ pipeline, kept }) => pipeline === "tiny" && kept === "newest")).toBe(true);
    expect(actions).toHaveLength(14);
    expect(bytes).toBeGreaterThan(9_000_000);
    expect({ collectable, quarantine, pins }).toEqual({ collectable: 0, quarantine: { files: 0, bytes: 0 }, pins: [] });
    const { stdout } = await cache("ls");
    expect(stdout).toMatch(/tiny +quantize\/Q4_K_M +1 +3\.57 MiB +\d{4}-\d\d-\d\d \d\d:\d\d +newest run/);
    expect(stdout).toContain("in 14 actions");
  });

  test("an empty store, and one that cannot be made", async () => {
    const empty = await rig.exec("cache", "ls", "--cache", rig.path("empty"));
    expect(empty.stdout).toContain("0 B in 0 actions");
    const nowhere = await rig.exec("cache", "ls", "--cache", "/proc/nowhere", "--json");
    expect(nowhere.code).toBe(1);
    expect(JSON.parse(nowhere.stdout)).toMatchObject({ ok: false, failures: [{ reason: "file-trouble" }] });
  });
});

describe("explain STEP", () => {
  test("of a step that is done: its key, its outputs, its command and its log", async () => {
    const { status, action } = await lookAt("quantize/Q4_K_M");
    expect(status).toBe("cached");
    expect(action?.document).toMatchObject({ kind: "quantize", params: { type: "Q4_K_M" } });
    expect(action?.outputs.find(({ name }) => name === "quant")).toMatchObject({
      sha256: sums.get("tiny-Q4_K_M.gguf"),
      state: "there",
    });
    expect(action?.command?.tool).toBe("llama-quantize");
    expect(readdirSync(action?.logs ?? "")).toContain("1.log");
    const logits = (await lookAt("baseline/1")).action?.outputs.find(({ name }) => name === "logits");
    expect(logits?.state).toBe("dropped");
    const { stdout } = await rig.exec("explain", "quantize/Q4_K_M", "tiny.yaml", "--cache", rig.store);
    expect(stdout).toContain("State: cached");
    expect(stdout).toContain("Command: llama-quantize --imatrix imatrix.gguf");
  });

  test("of a step that would run: why, and what it made last", async () => {
    rig.edit("tiny.yaml", "[Q8_0, Q4_K_M]", "[Q8_0, Q6_K, Q4_K_M]");
    const { status, why, action } = await lookAt("ladder");
    rig.edit("tiny.yaml", "[Q8_0, Q6_K, Q4_K_M]", "[Q8_0, Q4_K_M]");
    expect(status).toBe("run");
    const types = { from: '["Q8_0","Q4_K_M"]', to: '["Q8_0","Q6_K","Q4_K_M"]' };
    expect(why).toContainEqual({ code: "parameter", field: "types", ...types });
    expect(action?.document["params"]).toMatchObject({ types: ["Q8_0", "Q4_K_M"] });
  });
});

describe("cache verify", () => {
  test("finds a store sound", async () => {
    expect(await asked("verify")).toMatchObject({ ok: true, full: false, hashedBytes: 0, damages: [] });
    const { bytes } = await list();
    expect(await asked("verify", "--full")).toMatchObject({ ok: true, full: true, hashedBytes: bytes, damages: [] });
  });

  test("a changed byte shows when all is read, a cut file at once; the next run mends both", async () => {
    editInPlace(await objectOf("quantize/Q8_0"));
    expect((await cache("verify")).code).toBe(0);
    const full = await cache("verify", "--full");
    expect(full.code).toBe(1);
    expect(full.stdout).toMatch(
      /✗ object [0-9a-f]{12} \(quantize\/Q8_0\) has other bytes than its name says, moved to/,
    );
    truncateSync(await objectOf("imatrix/general/1"), 100);
    const { ok, damages } = await asked<CacheVerification>("verify");
    expect(ok).toBe(false);
    expect(damages.map(({ how, steps }) => `${how} ${steps.join()}`).sort()).toEqual([
      "missing quantize/Q8_0",
      "wrong-size imatrix/general/1",
    ]);
    expect((await list()).quarantine.files).toBe(2);
    const mended = await rig.run("tiny.yaml");
    expect(mended.code, mended.stdout).toBe(0);
    expect(stepsThat(mended, "done").sort()).toEqual(["imatrix/general/1", "quantize/Q8_0"]);
    expect(rig.sums("tiny")).toEqual(sums);
    expect((await cache("verify", "--full")).code).toBe(0);
  });
});

describe("cache gc", () => {
  test("keeps what is pinned; a dry run changes nothing; what is collected is made again, the same", async () => {
    const pinned = await cache("pin", "tiny");
    expect(pinned.stdout).toContain("tiny: 14 actions pinned");
    rig.edit("tiny.yaml", "[Q8_0, Q4_K_M]", "[Q8_0]");
    expect((await rig.run("tiny.yaml")).code).toBe(0);
    expect((await asked<CacheCollection>("gc", "--max", "0B")).actions).toEqual([]);
    expect((await cache("unpin", "tiny")).code).toBe(0);
    const before = files();
    const dry = await asked<CacheCollection>("gc", "--dry-run", "--max", "0B");
    expect(files()).toEqual(before);
    expect(dry.actions.map(({ step }) => step)).toContain("quantize/Q4_K_M");
    const real = await asked<CacheCollection>("gc", "--max", "0B");
    expect(real).toEqual({ ...dry, dryRun: false });
    expect((await list()).bytes).toBe(real.after);
    expect((await cache("verify", "--full")).code).toBe(0);
    expect(stepsThat(await rig.run("tiny.yaml"), "done")).toEqual([]);
    rig.edit("tiny.yaml", "[Q8_0]", "[Q8_0, Q4_K_M]");
    const again = await rig.run("tiny.yaml");
    expect(again.code, again.stdout).toBe(0);
    expect(stepsThat(again, "done")).toContain("quantize/Q4_K_M");
    expect(rig.sums("tiny")).toEqual(sums);
  });

  test("names that are none, sizes that are none", async () => {
    const unknown = await cache("pin", "tinny");
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain("tinny has no finished run in this store, did you mean tiny? there are tiny");
    expect((await cache("unpin", "tiny")).stderr).toContain("tiny is not pinned; there is none");
    expect((await cache("gc", "--max", "much")).stderr).toContain("a size such as 200GiB");
    const env = await rig.start(["run", "tiny.yaml", "--json"], { PIPELINE_CACHE_MAX: "-1" }).ended;
    expect(env.code).toBe(2);
    expect(JSON.stringify(env.result)).toContain("PIPELINE_CACHE_MAX is -1");
  });

  test("leaves a run in progress alone, and a run keeps its store below --cache-max", async () => {
    rig.edit("tiny.yaml", "units: 16", "units: 17");
    const running = rig.startRun("tiny.yaml", "--cache-max", "0B");
    await running.until(stepIs("quantize/Q4_K_M", "started"));
    running.kill("SIGSTOP");
    await cache("gc", "--max", "0B");
    const inUse = (await list()).rows.filter(({ kept }) => kept === "in-use").map(({ step }) => step);
    expect(inUse).toContain("corpus");
    expect(inUse).toContain("model");
    running.kill("SIGCONT");
    const ended = await running.ended;
    expect(ended.code, ended.stdout + ended.stderr).toBe(0);
    const { storeBytes, storeSummary } = record();
    expect(storeSummary).toMatchObject({ collectable: 0, max: 0, bytes: storeBytes });
    // What is in quarantine stays for a week, and what lost its record while the run was at work for an hour.
    const { quarantine, unreferenced } = await list();
    expect((storeSummary?.kept ?? 0) + quarantine.bytes + unreferenced).toBe(storeBytes);
    expect(storeSummary?.collected.actions).toBeGreaterThan(0);
    expect(stepsThat(await rig.run("tiny.yaml"), "done")).toEqual([]);
  });
});
