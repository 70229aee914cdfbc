import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runId } from "../../src/base/ids.ts";
import type { Toolchain } from "../../src/base/tool.ts";
import { baselineArgv } from "../../src/llama/perplexity.ts";
import { tokenizeArgv } from "../../src/llama/tokenize.ts";
import { quantizeArgv } from "../../src/llama/quantize.ts";
import { demandOf } from "../../src/run/demand.ts";
import { openMachine, type Demand, type Machine } from "../../src/run/machine.ts";
import { shareOf } from "../../src/run/share.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "machine-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const cores = availableParallelism();
const never = new AbortController().signal;
const open = (at = folder, troubles: string[] = []): Machine =>
  openMachine(at, runId("run"), (why) => troubles.push(why));

/** Asks for a share; `told` collects what is waited for. */
const enter = (
  machine: Machine,
  demand: Partial<Demand>,
  told: string[] = [],
  cancel = never,
): Promise<(() => void) | undefined> =>
  machine.enter(
    { threads: 1, memory: 0, devices: [], ...demand },
    { cancel, onWait: (reason) => told.push(reason), onAlone: () => told.push("alone") },
  );

test("all threads are taken by one tool, the next one waits for them, and nothing is left", async () => {
  const leave = await enter(open(), { threads: cores });
  const told: string[] = [];
  const second = enter(open(), { threads: 1 }, told);
  await expect.poll(() => told).toEqual(["threads"]);
  leave?.();
  (await second)?.();
  expect(readdirSync(folder)).toEqual([]);
});

test("more threads than there are count as all of them", async () => {
  const leave = await enter(open(), { threads: 1000 * cores });
  expect(readdirSync(folder)).toEqual([`threads-1-${cores}-0`]);
  leave?.();
});

test("tools are served in the order in which they came", async () => {
  const order: string[] = [];
  const ask = async (name: string): Promise<{ readonly served: Promise<void> }> => {
    const told: string[] = [];
    const entered = enter(open(), { threads: cores }, told);
    await expect.poll(() => told).toEqual(["threads"]);
    const serve = async (): Promise<void> => {
      const leave = await entered;
      order.push(name);
      leave?.();
    };
    return { served: serve() };
  };
  const first = await enter(open(), { threads: cores });
  const [second, third] = [await ask("second"), await ask("third")];
  first?.();
  await Promise.all([third.served, second.served]);
  expect(order).toEqual(["second", "third"]);
});

const gib = 1024 ** 3;
const small = (): Machine => openMachine(folder, runId("run"), () => undefined, 4 * gib);

test("tools run beside each other as long as their memory fits, in their order", async () => {
  const first = await enter(small(), { threads: 0, memory: 3 * gib });
  const told: string[] = [];
  const second = enter(small(), { threads: 0, memory: 2 * gib }, told);
  await expect.poll(() => told).toEqual(["memory"]);
  const behind: string[] = [];
  const third = enter(small(), { threads: 0, memory: 0.5 * gib }, behind);
  await expect.poll(() => behind).toEqual(["memory"]);
  expect(readdirSync(folder).filter((name) => name.startsWith("threads-1-"))).toEqual(["threads-1-0-3072"]);
  first?.();
  (await second)?.();
  (await third)?.();
  expect(readdirSync(folder)).toEqual([]);
});

test("one that needs more memory than there is runs alone, and that is told", async () => {
  const told: string[] = [];
  const leave = await enter(small(), { threads: 0, memory: 40 * gib }, told);
  expect(told).toEqual(["alone"]);
  const behind: string[] = [];
  const second = enter(small(), { threads: 0, memory: 1 }, behind);
  await expect.poll(() => behind).toEqual(["memory"]);
  leave?.();
  (await second)?.();
});

test("a ticket of an earlier version has no memory", async () => {
  writeFileSync(join(folder, "threads-7-1"), "");
  const told: string[] = [];
  (await enter(small(), { threads: 0, memory: 4 * gib }, told))?.();
  expect(told).toEqual([]);
});

test("an accelerator is used by one tool at a time, another one is free", async () => {
  const leave = await enter(open(), { devices: ["0"] });
  (await enter(open(), { devices: ["1"] }))?.();
  const told: string[] = [];
  const second = enter(open(), { devices: ["1", "0"] }, told);
  await expect.poll(() => told).toEqual(["gpu"]);
  leave?.();
  (await second)?.();
  expect(readdirSync(folder)).toEqual([]);
});

test("a wait that is called off gives back what it had", async () => {
  const leave = await enter(open(), { threads: cores });
  const off = new AbortController();
  const told: string[] = [];
  const second = enter(open(), { threads: 1, devices: ["0"] }, told, off.signal);
  await expect.poll(() => told).toEqual(["threads"]);
  off.abort();
  expect(await second).toBeUndefined();
  leave?.();
  expect(readdirSync(folder)).toEqual([]);
});

test("a folder that cannot be used is told once, and tools run without", async () => {
  writeFileSync(join(folder, "file"), "");
  const troubles: string[] = [];
  const machine = open(join(folder, "file", "machine"), troubles);
  (await enter(machine, { threads: cores }))?.();
  (await enter(machine, { threads: cores }))?.();
  expect(troubles).toEqual(["ENOTDIR"]);
});

const toolchain = (backend: "cpu" | "cuda", device: string): Toolchain => ({
  directory: "/tools",
  origin: "option",
  version: "0.5.0",
  identity: {} as Toolchain["identity"],
  numeric: { backend, device, isa: "x86-64-v3" },
  jsonLog: false,
});
const measure = (threads: number | "{threads}"): string[] =>
  baselineArgv({
    model: "m",
    text: "t",
    logits: "l",
    chunks: 1,
    context: 512,
    cache: "f16",
    threads,
    gpuLayers: "all",
    jsonLog: false,
  });

test("what a tool will take shows in its arguments", () => {
  const [cpu, gpus] = [toolchain("cpu", "cpu"), toolchain("cuda", "NVIDIA H100 + NVIDIA H100")];
  const quant = (threads: number | "{threads}"): string[] =>
    quantizeArgv({ model: "m", output: "q", type: "Q8_0", threads });
  expect(demandOf(cpu, measure, 8, {}, 5)).toEqual({ threads: 8, memory: 5, devices: [] });
  expect(demandOf(gpus, measure, 8, {}, 5)).toEqual({ threads: 8, memory: 5, devices: ["0", "1"] });
  expect(demandOf(gpus, measure, 8, { CUDA_VISIBLE_DEVICES: "3, GPU-1/2" }, 5).devices).toEqual(["3", "GPU-1_2"]);
  expect(demandOf(gpus, quant, 8, {}, 5)).toEqual({ threads: 8, memory: 5, devices: [] });
  expect(demandOf(cpu, () => tokenizeArgv({ model: "m", text: "t" }), 8, {}, 0).threads).toBe(1);
});

test("without an accelerator a measurement takes the whole run, with one it leaves room", () => {
  const [cpu, gpu] = [toolchain("cpu", "cpu"), toolchain("cuda", "NVIDIA H100")];
  expect(shareOf("measurement", cpu, 4, 8)).toEqual({ slots: 4, threads: 8 });
  expect(shareOf("measurement", gpu, 4, 8)).toEqual({ slots: 1, threads: 2 });
  expect(shareOf("tool", cpu, 4, 8)).toEqual({ slots: 1, threads: 2 });
  expect(shareOf("tool", cpu, 4, 2)).toEqual({ slots: 1, threads: 1 });
  expect(shareOf("light", gpu, 4, 8).slots).toBe(0);
});
