import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ReplayTools } from "../rig/replay-tools.ts";
import { Rig, stepsThat, type Ended } from "../rig/rig.ts";
import { smallPipeline } from "../rig/small.ts";

const hook = fileURLToPath(new URL("../rig/fail-at.ts", import.meta.url));
const codes = ["EIO", "ENOSPC", "EACCES", "EDQUOT"] as const;

/**
 * Of so many calls, `all` of them, the first and the last of each of their `kinds`, or those that a pattern matches, such as
 * `readFileSync .*objects`: each takes some seconds.
 */
const rounds = process.env["FAULT_ROUNDS"] ?? "24";
/** `2/3` for the second of three parts, which may run side by side. */
const [part = 1, parts = 1] = (process.env["FAULT_PART"] ?? "1/1").split("/").map(Number);
const seed = Number(process.env["FAULT_SEED"] ?? String(Date.now() % 2 ** 31));

/** mulberry32: a test that failed must be repeated with its seed. */
const random = (start: number): (() => number) => {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** With short windows: how large the logits are changes no call, and most of the time goes into their digests. */
const pipeline = smallPipeline.replace("unit: 128, context: 128", "unit: 32, context: 32");

let tools: ReplayTools;
let undisturbed: ReadonlyMap<string, string>;
/** Every call on a file, in their order. */
let calls: readonly string[];

interface Fault {
  readonly call?: number;
  readonly code?: string;
}

interface Told {
  readonly failed: string;
  readonly said: readonly string[];
}

const runWith = async (rig: Rig, fault: Fault): Promise<Told & { readonly ended: Ended }> => {
  const count = rig.path("calls");
  const ended = await rig.start(
    ["run", "small.yaml", "--json", "--out", rig.out, "--cache", rig.store, "--llama-cpp", tools.folder],
    {
      NODE_OPTIONS: `--import=${hook}`,
      PIPELINE_TEST_FAIL_AT: JSON.stringify({ folder: rig.folder, count, ...fault }),
    },
  ).ended;
  return { ended, ...(JSON.parse(readFileSync(count, "utf8")) as Told) };
};

beforeAll(async () => {
  tools = new ReplayTools();
  using rig = new Rig();
  rig.write("small.yaml", pipeline);
  const recorded = await rig.run("small.yaml", "--llama-cpp", tools.folder);
  expect(recorded.code, recorded.stdout + recorded.stderr).toBe(0);
  undisturbed = rig.sums("small");
  using counted = new Rig();
  counted.write("small.yaml", pipeline);
  const whole = await runWith(counted, {});
  expect(whole.ended.code).toBe(0);
  calls = whole.said;
});
afterAll(() => tools[Symbol.dispose]());

/** What must hold whichever call failed: a name for it, nothing lost, and a next run that comes to the same end. */
const troubleWith = async (fault: Required<Fault>): Promise<string[]> => {
  using rig = new Rig();
  rig.write("small.yaml", pipeline);
  const { ended, failed } = await runWith(rig, fault);
  const trouble: string[] = [];
  const named = ended.code === 0 || (ended.result?.failures ?? []).length > 0;
  if (ended.signal !== null || !named || ended.stderr.includes("This is a bug"))
    trouble.push(`ended with ${ended.code ?? ended.signal}: ${ended.stderr.slice(0, 600)}`);
  if (rig.survivors().length > 0) trouble.push(`left ${rig.survivors().join(", ")}`);
  const again = await rig.run("small.yaml", "--llama-cpp", tools.folder);
  if (again.code !== 0) trouble.push(`the next run ended with ${again.code}: ${again.stdout.slice(-600)}`);
  else if (JSON.stringify([...rig.sums("small")]) !== JSON.stringify([...undisturbed])) trouble.push("other digests");
  for (const step of stepsThat(ended, "done"))
    if (again.steps.get(step) !== "cached") trouble.push(`${step} ran again`);
  if (readdirSync(rig.path("store/store-v1/scratch")).length > 0) trouble.push("scratch is not empty");
  return trouble.map((text) => `call ${fault.call}, ${failed}, ${fault.code}: ${text}`);
};

/** Numbers of calls, from 1. */
const drawn = (): readonly number[] => {
  if (rounds === "all") return calls.map((_, index) => index + 1);
  if (/^\d+$/.test(rounds)) return drawnAtRandom(Number(rounds));
  if (rounds !== "kinds") return calls.flatMap((call, index) => (call.search(rounds) === -1 ? [] : [index + 1]));
  const kinds = Map.groupBy(calls.keys(), (index) => kindOf(calls[index] ?? ""));
  return [...kinds.values()]
    .flatMap((indices) => [...new Set([indices[0] ?? 0, indices.at(-1) ?? 0])])
    .map((at) => at + 1);
};

const drawnAtRandom = (count: number): readonly number[] => {
  const next = random(seed);
  return Array.from({ length: count }, () => 1 + Math.floor(next() * calls.length));
};

/** Without what is another name each time. */
const kindOf = (call: string): string =>
  call.replaceAll(/[0-9a-f]{8,}|[\dTZ-]{20,}|\d+-\w+(?=\.tmp)/g, "*").replace(/\/corpora\/.*/, "/corpora/*");

test("whichever call on a file fails: it is named, nothing is lost, and the next run ends well", async () => {
  const own = [...drawn().entries()].filter(([index]) => index % parts === part - 1);
  const options = "FAULT_SEED, FAULT_ROUNDS, FAULT_PART";
  process.stdout.write(`seed ${seed}, ${own.length} of ${calls.length} calls (${options})\n`);
  const trouble: string[] = [];
  for (const [done, [index, call]] of own.entries()) {
    trouble.push(...(await troubleWith({ call, code: codes[index % codes.length] ?? "EIO" })));
    if ((done + 1) % 100 === 0) process.stdout.write(`${done + 1} calls, trouble with ${trouble.length}\n`);
  }
  expect(trouble).toEqual([]);
}, 14_400_000);
