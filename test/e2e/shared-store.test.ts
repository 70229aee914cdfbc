import { execFileSync } from "node:child_process";
import { lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunRecord } from "../../src/run/record.ts";
import { Rig, stepsThat } from "../rig/rig.ts";
import { tinyPipeline } from "../rig/tiny.ts";

const rig = new Rig();
beforeAll(async () => {
  rig.write("tiny.yaml", tinyPipeline);
  rig.write("other.yaml", tinyPipeline.replace("Q4_K_M", "Q5_K_M"));
  const filled = await rig.run("tiny.yaml");
  expect(filled.code, filled.stdout).toBe(0);
});
afterAll(() => rig[Symbol.dispose]());

/** Everything in the store that a write would change. */
const tree = (folder = rig.store): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    const { mtimeMs, ctimeMs, size, nlink } = lstatSync(path);
    return [`${path} ${mtimeMs} ${ctimeMs} ${size} ${nlink}`, ...(entry.isDirectory() ? tree(path) : [])];
  });

const hashedBytes = (out: string): number => (JSON.parse(rig.read(`${out}/tiny/run.json`)) as RunRecord).hashedBytes;

test("a run all of whose steps are hits is served by a store that may only be read", async () => {
  const before = tree();
  const ended = await rig.run("tiny.yaml", "--cache-read-only", "--out", rig.path("served"));
  expect(ended.code, ended.stdout).toBe(0);
  expect(stepsThat(ended, "done")).toEqual([]);
  expect(rig.read("served/tiny/SHA256SUMS")).toBe(rig.read("out/tiny/SHA256SUMS"));
  const planned = await rig.exec("plan", "tiny.yaml", "--cache", rig.store, "--cache-read-only");
  expect(planned.code, planned.stderr).toBe(0);
  expect(tree()).toEqual(before);
});

test("a miss ends with the first step that would have to run, and nothing is written", async () => {
  const before = tree();
  const ended = await rig.run("other.yaml", "--cache-read-only", "--out", rig.path("refused"));
  expect(ended.code).toBe(1);
  expect(ended.result?.failures).toEqual([{ reason: "store-read-only", store: rig.store, step: "ladder" }]);
  const forced = await rig.run("tiny.yaml", "--cache-read-only", "--force", "quantize/Q8_0");
  expect(forced.result?.failures).toMatchObject([{ reason: "store-read-only", step: "quantize/Q8_0" }]);
  const absent = await rig.run("tiny.yaml", "--cache-read-only", "--cache", rig.path("absent"));
  expect(absent.result?.failures).toMatchObject([{ reason: "file-trouble", code: "ENOENT" }]);
  expect(tree()).toEqual(before);
});

// Root may write whatever the permissions say, so only a read-only file system shows it; and only root can mount one.
test.runIf(process.getuid?.() === 0 && process.platform === "linux")(
  "a store on a read-only file system needs no option",
  async () => {
    const mounted = rig.path("mounted");
    rig.write("mounted/.keep", "");
    execFileSync("mount", ["--bind", rig.store, mounted]);
    try {
      execFileSync("mount", ["-o", "remount,ro,bind", mounted]);
      const ended = await rig.run("tiny.yaml", "--cache", mounted, "--out", rig.path("from-mount"));
      expect(ended.code, ended.stdout).toBe(0);
      expect(ended.events.some((event) => event.type === "notice" && event.message.includes("may only be read"))).toBe(
        true,
      );
      const missed = await rig.run("other.yaml", "--cache", mounted, "--out", rig.path("from-mount"));
      expect(missed.result?.failures).toMatchObject([{ reason: "store-read-only", store: mounted }]);
    } finally {
      execFileSync("umount", [mounted]);
    }
  },
);

test("--always-hash reads each input once, PIPELINE_ALWAYS_HASH does too, and neither makes a step run", async () => {
  // What was too young to be trusted when it was made is read once more, by the first run that may write that down.
  await expect
    .poll(
      async () => {
        expect((await rig.run("tiny.yaml")).code).toBe(0);
        return hashedBytes("out");
      },
      { timeout: 10_000 },
    )
    .toBe(0);
  const always = await rig.run("tiny.yaml", "--always-hash");
  expect(stepsThat(always, "done")).toEqual([]);
  const inputs = [...inputSizes()];
  expect(hashedBytes("out")).toBeGreaterThanOrEqual(inputs.reduce((sum, size) => sum + size, 0));
  const read = hashedBytes("out");
  const set = await rig.start(["run", "tiny.yaml", "--out", rig.out, "--cache", rig.store], {
    PIPELINE_ALWAYS_HASH: "1",
  }).ended;
  expect(set.code).toBe(0);
  expect(hashedBytes("out")).toBe(read);
});

/** bytes */
const inputSizes = function* (): Generator<number> {
  yield statSync(rig.path("models/pocket-f16.gguf")).size;
  for (const folder of ["corpora/medical/notes", "corpora/general/everyday"])
    for (const name of readdirSync(rig.path(folder)))
      if (name.endsWith(".txt")) yield readFileSync(rig.path(folder, name)).length;
};
