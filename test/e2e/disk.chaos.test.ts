import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DiskFull, DiskShort } from "../../src/base/failure.ts";
import { toolNames } from "../../src/base/tool.ts";
import { runId } from "../../src/base/ids.ts";
import { readJournal } from "../../src/store/journal.ts";
import { openLayout } from "../../src/store/layout.ts";
import { canMount, Mount } from "../rig/mount.ts";
import { ReplayTools } from "../rig/replay-tools.ts";
import { Rig, stepsThat, type Ended } from "../rig/rig.ts";
import { realTools } from "../rig/tools.ts";
import { smallPipeline } from "../rig/small.ts";

const hook = fileURLToPath(new URL("../rig/fill-at.ts", import.meta.url));
const MiB = 2 ** 20;

/** A run that ended because of a disk: named, with path and what is free, and nothing half-done left. */
const expectNamed = (rig: Rig, ended: Ended, where: string): DiskFull | DiskShort => {
  const said = ended.stdout + ended.stderr;
  expect(ended.signal, said).toBeNull();
  expect(ended.stderr).not.toContain("This is a bug");
  expect(ended.code, said).toBe(1);
  const failure = ended.result?.failures?.find(({ reason }) => reason === "disk-full" || reason === "disk-short");
  if (failure?.reason !== "disk-full" && failure?.reason !== "disk-short") throw new Error(`not a full disk: ${said}`);
  expect(ended.result?.failures?.map(({ reason }) => reason).filter((reason) => !reason.startsWith("disk-"))).toEqual(
    [],
  );
  expect(failure.path).toContain(where);
  expect(failure.free).toBeTypeOf("number");
  expect(rig.survivors()).toEqual([]);
  return failure;
};

const scratchOf = (rig: Rig): string[] => readdirSync(join(rig.store, "store-v1", "scratch"));

/** With room, the same command ends well, with the digests of an undisturbed run, and without doing anything again. */
const expectRecovered = async (rig: Rig, done: Iterable<string>): Promise<Ended> => {
  const again = await rig.run("small.yaml", "--llama-cpp", tools);
  expect(again.code, again.stdout + again.stderr).toBe(0);
  for (const step of done) expect(again.steps.get(step), step).toBe("cached");
  expect(rig.sums("small")).toEqual(undisturbed);
  expect(scratchOf(rig)).toEqual([]);
  return again;
};

/** Takes the room away at a step, so that this one is the one that meets a full disk. */
const runFilled = (rig: Rig, fill: object): Promise<Ended> =>
  rig.start(["run", "small.yaml", "--json", "--out", rig.out, "--cache", rig.store, "--llama-cpp", tools], {
    NODE_OPTIONS: `--import=${hook}`,
    PIPELINE_TEST_FILL_AT: JSON.stringify(fill),
  }).ended;

/** Replayed, but the real ones on a file system that was filled: only they know how they meet that. */
const realWhereFull = (replay: ReplayTools): string => {
  const folder = mkdtempSync(join(tmpdir(), "pipeline-tools-"));
  for (const name of toolNames) {
    // They work in store/store-v1/scratch/<run>/<step>.
    const real = `if [ -e ../../../../filler ]; then exec '${join(realTools(), name)}' "$@"; fi`;
    writeFileSync(join(folder, name), `#!/bin/sh\n${real}\nexec '${join(replay.folder, name)}' "$@"\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
};

let replay: ReplayTools;
let tools: string;
let undisturbed: ReadonlyMap<string, string>;
let steps: readonly string[];
/** Of an undisturbed run, on the file system. */
let used: { readonly bytes: number; readonly files: number };

const journalOf = (rig: Rig, ended: Ended): unknown[] => {
  const layout = openLayout(rig.store);
  const started = ended.events.find((event) => event.type === "run-started");
  if (!layout.ok || started === undefined) throw new Error("no run");
  return readJournal(layout.value, runId(started.run));
};

const mountable = canMount();
if (!mountable) process.stdout.write("SKIPPED: needs root to mount\n");

describe.runIf(mountable)("a full disk", () => {
  beforeAll(async () => {
    replay = new ReplayTools();
    tools = realWhereFull(replay);
    using rig = new Rig();
    using store = Mount.tmpfs(rig.store, "size=512m");
    rig.write("small.yaml", smallPipeline);
    const ended = await rig.run("small.yaml", "--llama-cpp", tools);
    expect(ended.code, ended.stdout + ended.stderr).toBe(0);
    undisturbed = rig.sums("small");
    steps = stepsThat(ended, "done");
    used = store.used();
  });
  afterAll(() => {
    replay[Symbol.dispose]();
    rmSync(tools, { recursive: true });
  });

  describe("a disk that somebody else fills while a step works", () => {
    test("each step in turn: its real tool fails by name, and the next run goes on from there", async () => {
      using rig = new Rig();
      using store = Mount.tmpfs(rig.store, "size=512m");
      rig.write("small.yaml", smallPipeline);
      const done = new Set<string>();
      for (const step of steps) {
        const drop = join(rig.store, "store-v1", "ballast");
        const ended = await runFilled(rig, { step, mount: store.path, left: 0, drop });
        expectNamed(rig, ended, rig.store);
        expect(stepsThat(ended, "failed"), ended.stdout).toEqual([step]);
        for (const earlier of done) expect(ended.steps.get(earlier), earlier).toBe("cached");
        for (const each of stepsThat(ended, "done")) done.add(each);
        expect(scratchOf(rig)).toEqual([]);
        rmSync(join(store.path, "filler"));
      }
      expect([...done].sort()).toEqual(steps.filter((step) => step !== "report").sort());
      await expectRecovered(rig, done);
    });

    test("on ext4, with the ballast: what failed is in the journal", async () => {
      using rig = new Rig();
      using store = Mount.ext4(rig.store, rig.path("image"), 256 * MiB);
      if (store === undefined) {
        process.stdout.write("SKIPPED: needs mkfs.ext4 and a loop device\n");
        return;
      }
      rig.write("small.yaml", smallPipeline);
      const done = new Set<string>();
      for (const step of ["quantize/Q8_0", "quantize/Q4_K_M", "baseline/1"]) {
        const ended = await runFilled(rig, { step, mount: store.path, left: 0 });
        const failure = expectNamed(rig, ended, rig.store);
        expect(failure).toMatchObject({ reason: "disk-full" });
        expect(failure.need).toBeGreaterThan(3 * MiB);
        expect(stepsThat(ended, "failed"), ended.stdout).toEqual([step]);
        expect(journalOf(rig, ended)).toContainEqual({ type: "failed", step, failure: "disk-full" });
        expect(journalOf(rig, ended)).toContainEqual({ type: "ended" });
        for (const each of stepsThat(ended, "done")) done.add(each);
        rmSync(join(store.path, "filler"));
      }
      await expectRecovered(rig, done);
      expect(readdirSync(join(rig.store, "store-v1"))).toContain("ballast");
    });

    test("where the results go: the copy is named with what it needs, and the next run makes it", async () => {
      using rig = new Rig();
      using out = Mount.tmpfs(rig.out, "size=128m");
      rig.write("small.yaml", smallPipeline);
      let first: Ended | undefined;
      for (const left of [0, 64 * 1024, MiB, 3 * MiB]) {
        const argv = first === undefined ? [] : ["--force", "report"];
        const ended = await rig.start(
          ["run", "small.yaml", "--json", "--out", rig.out, "--cache", rig.store, "--llama-cpp", tools, ...argv],
          {
            NODE_OPTIONS: `--import=${hook}`,
            PIPELINE_TEST_FILL_AT: JSON.stringify({ step: "report", mount: out.path, left }),
          },
        ).ended;
        first ??= ended;
        expect(expectNamed(rig, ended, rig.out)).toMatchObject({ reason: "disk-full" });
        expect(stepsThat(ended, "failed")).toEqual([]);
        rmSync(join(out.path, "filler"));
      }
      await expectRecovered(rig, stepsThat(first!, "done"));
    });
  });

  test("a store of any size: what does not fit is not begun, and with more room the run goes on", async () => {
    // The base logits, 9 MiB, are the largest and are dropped; at the end the rest lies there.
    const most = Math.ceil(used.bytes / MiB) + 10 + 64;
    const sizes = [0.02, 0.2, 0.6, 1.2, 3, 40, 64.5, 66, 70, 74, 78, most];
    const reached = new Map<string, number>();
    for (const size of sizes) {
      using rig = new Rig();
      using store = Mount.tmpfs(rig.store, `size=${Math.ceil((size * MiB) / 4096) * 4}k`);
      rig.write("small.yaml", smallPipeline);
      const ended = await rig.run("small.yaml", "--llama-cpp", tools);
      if (ended.code !== 0) {
        const { reason } = expectNamed(rig, ended, rig.store);
        const where = `${reason} ${stepsThat(ended, "failed").join() || "before the first step"}`;
        reached.set(where, (reached.get(where) ?? 0) + 1);
      }
      store.remount("size=512m");
      await expectRecovered(rig, stepsThat(ended, "done"));
    }
    process.stdout.write(`sizes that ended: ${JSON.stringify(Object.fromEntries(reached))}\n`);
    for (const where of ["disk-full model", "disk-short corpus", "disk-short baseline/1"])
      expect([...reached.keys()]).toContain(where);
  });

  test("a file system that can hold no more files says so", async () => {
    let named = 0;
    for (let part = 1; part <= 8; part += 1) {
      using rig = new Rig();
      using store = Mount.tmpfs(rig.store, `size=512m,nr_inodes=${Math.ceil((used.files * part) / 9) + 2}`);
      rig.write("small.yaml", smallPipeline);
      const ended = await rig.run("small.yaml", "--llama-cpp", tools);
      expect(expectNamed(rig, ended, rig.store)).toMatchObject({ reason: "disk-full", lacks: "inodes" });
      named += 1;
      store.remount("nr_inodes=100000");
      await expectRecovered(rig, stepsThat(ended, "done"));
    }
    expect(named).toBe(8);
  });

  test("results on a file system that is too small: the quant is not built before there is room", async () => {
    using rig = new Rig();
    using out = Mount.tmpfs(rig.out, "size=66m");
    rig.write("small.yaml", smallPipeline);
    const ended = await rig.run("small.yaml", "--llama-cpp", tools, "--keep-going");
    expect(expectNamed(rig, ended, rig.out)).toMatchObject({ reason: "disk-short", step: "quantize/Q8_0" });
    expect(ended.steps.get("imatrix")).toBe("done");
    out.remount("size=128m");
    await expectRecovered(rig, stepsThat(ended, "done"));
  });
});
