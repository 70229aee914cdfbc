import { existsSync, readdirSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Event } from "../../src/base/event.ts";
import { gatedTools } from "../rig/gated-tools.ts";
import { ReplayTools } from "../rig/replay-tools.ts";
import { Rig, stepIs, stepsThat, type Ended, type Running } from "../rig/rig.ts";
import { smallPipeline } from "../rig/small.ts";

let quick: string;
let tools: ReplayTools;

/** Each test begins with tools that have said everything once. */
beforeAll(async () => {
  tools = new ReplayTools();
  quick = tools.folder;
  using rig = new Rig();
  const ended = await start(rig, "alone", quick).ended;
  expect(ended.code, ended.stdout + ended.stderr).toBe(0);
});
afterAll(() => tools[Symbol.dispose]());

/** A run of the small pipeline on the rig's one store, with a results folder of its own. */
const start = (rig: Rig, name: string, llamaCpp?: string): Running => {
  if (!existsSync(rig.path("small.yaml"))) rig.write("small.yaml", smallPipeline);
  const where = ["--out", rig.path("out", name), "--cache", rig.store];
  const which = llamaCpp === undefined ? [] : ["--llama-cpp", llamaCpp];
  return rig.start(["run", "small.yaml", "--json", ...where, ...which]);
};

/** Steps that were made, over all runs. */
const made = (all: readonly Ended[]): string[] => all.flatMap((ended) => stepsThat(ended, "done")).sort();

const expectWell = (all: readonly Ended[]): void => {
  for (const ended of all) expect(ended.code, ended.stdout + ended.stderr).toBe(0);
};

const expectNothingLeft = (rig: Rig): void => {
  expect(readdirSync(rig.path("store/store-v1/locks"))).toEqual([]);
  expect(readdirSync(rig.path("store/store-v1/scratch"))).toEqual([]);
  expect(readdirSync(rig.path("cache/gguf-pipeline/machine"))).toEqual([]);
  expect(rig.survivors()).toEqual([]);
};

/** Cold runs at once, which all must come to the same end. */
const runAtOnce = async (
  count: number,
  llamaCpp?: string,
): Promise<{ readonly made: string[]; readonly planned: string[] }> => {
  using rig = new Rig();
  const names = Array.from({ length: count }, (_, index) => `run-${index}`);
  const all = await Promise.all(names.map((name) => start(rig, name, llamaCpp).ended));
  expectWell(all);
  for (const name of names) expect(rig.sums(`${name}/small`)).toEqual(rig.sums("run-0/small"));
  expectNothingLeft(rig);
  return { made: made(all), planned: [...(all[0]?.steps.keys() ?? [])].sort() };
};

test.for([2, 4, 8])("%i cold runs of one pipeline make each step once in all", async (count) => {
  const { made: steps, planned } = await runAtOnce(count, quick);
  expect(planned.length).toBeGreaterThan(10);
  expect(steps).toEqual(planned);
});

test("so do two with the real tools", async () => {
  const { made: steps, planned } = await runAtOnce(2);
  expect(steps).toEqual(planned);
});

test.for(["corpus", "imatrix/notes/1", "quantize/Q8_0", "baseline/1", "validate/Q4_K_M/1"])(
  "of three runs one is killed when %s begins: the others come to their end, and no step is made twice",
  async (step) => {
    using rig = new Rig();
    const runs = ["run-0", "run-1", "run-2"].map((name) => start(rig, name, quick));
    // Whoever gets the step first; the one that takes it over then must be left alone.
    let killed: Running | undefined;
    await Promise.any(
      runs.map(async (run) => {
        await run.until(stepIs(step, "started"));
        killed ??= run;
        if (killed === run) run.kill("SIGKILL");
      }),
    );
    const ends = await Promise.all(runs.map(({ ended }) => ended));
    expect(ends.filter(({ signal }) => signal === "SIGKILL")).toHaveLength(1);
    expectWell(ends.filter(({ signal }) => signal === null));
    const all = made(ends);
    expect(all).toEqual([...new Set(all)]);
    // What the killed one left is gone after the next start.
    const again = await start(rig, "again", quick).ended;
    expectWell([again]);
    expect(stepsThat(again, "done")).toEqual([]);
    expectNothingLeft(rig);
  },
);

const waitsFor =
  (step: string, holder: Running) =>
  (event: Event): boolean =>
    event.type === "waiting" && event.step === step && event.holder?.pid === holder.pid;

/** One run that was stopped while it made a quant, and another that waits for that quant. */
const withStopped = async (
  work: (rig: Rig, stopped: Running, waiting: Running, open: () => void) => Promise<void>,
): Promise<void> => {
  using rig = new Rig();
  const { folder, met, open } = gatedTools(rig, quick, "./quant.gguf Q4_K_M");
  const stopped = start(rig, "stopped", folder);
  await stopped.until(stepIs("quantize/Q4_K_M", "started"));
  await rig.untilFile(met);
  stopped.kill("SIGSTOP");
  const waiting = start(rig, "waiting", folder);
  await waiting.until(waitsFor("quantize/Q4_K_M", stopped));
  await work(rig, stopped, waiting, open);
  // What a killed one left is gone after the next start.
  const again = await start(rig, "again", folder).ended;
  expectWell([again]);
  expect(stepsThat(again, "done")).toEqual([]);
  expectNothingLeft(rig);
};

test("a stopped run keeps the lock of its step; when it goes on, the other one finds the result", () =>
  withStopped(async (rig, stopped, waiting, open) => {
    stopped.kill("SIGCONT");
    open();
    const all = await Promise.all([stopped.ended, waiting.ended]);
    expectWell(all);
    expect(all.map(({ steps }) => steps.get("quantize/Q4_K_M"))).toEqual(["done", "cached"]);
    expect(rig.sums("stopped/small")).toEqual(rig.sums("waiting/small"));
  }));

test("a stopped run that is killed leaves its step to the other one at once", () =>
  withStopped(async (_rig, stopped, waiting, open) => {
    stopped.kill("SIGKILL");
    await stopped.ended;
    open();
    const ended = await waiting.ended;
    expectWell([ended]);
    expect(ended.steps.get("quantize/Q4_K_M")).toBe("done");
  }));

test("a run that waits for another can be interrupted", () =>
  withStopped(async (_rig, stopped, waiting, open) => {
    waiting.kill("SIGINT");
    const ended = await waiting.ended;
    expect(ended.code).toBe(130);
    stopped.kill("SIGCONT");
    open();
    expectWell([await stopped.ended]);
  }));

const setpriv = existsSync("/usr/bin/setpriv");

test.runIf(setpriv)("a tool does not outlive a run that is killed, even before the next one starts", async () => {
  using rig = new Rig();
  const { folder, met } = gatedTools(rig, quick, "./quant.gguf Q4_K_M");
  const run = start(rig, "killed", folder);
  await run.until(stepIs("quantize/Q4_K_M", "started"));
  await rig.untilFile(met);
  expect(rig.survivors().join()).toContain("llama-quantize");
  run.kill("SIGKILL");
  await run.ended;
  await expect.poll(() => rig.survivors(), { timeout: 20_000 }).toEqual([]);
});

test("two stores on one machine do not use more threads together than it has", async () => {
  using rig = new Rig();
  const { folder, met, open } = gatedTools(rig, quick, "./quant.gguf Q4_K_M");
  const first = start(rig, "first", folder);
  await first.until(stepIs("quantize/Q4_K_M", "started"));
  await rig.untilFile(met);
  rig.write("small.yaml", smallPipeline);
  const argv = ["run", "small.yaml", "--json", "--llama-cpp", quick, "--cache", rig.path("other-store")];
  const second = rig.start([...argv, "--out", rig.path("out/second")]);
  await second.until(
    (event) => event.type === "waiting" && event.reason === "threads" && event.holder?.pid === first.pid,
  );
  // The way out.
  const third = await rig.start([
    ...argv.slice(0, -1),
    rig.path("third-store"),
    "--out",
    rig.path("out/third"),
    "--no-machine-lock",
  ]).ended;
  expectWell([third]);
  expect(third.events.filter(({ type }) => type === "waiting")).toEqual([]);
  open();
  expectWell(await Promise.all([first.ended, second.ended]));
  expectNothingLeft(rig);
});
