/**
 * What the engine itself costs, as ratios inside one run: a run in which nothing changed over 100 GB of inputs, what a
 * cold run adds to its tools, and a plan of a thousand steps. Nothing is asserted; goals stand beside the figures.
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sha256 } from "../../src/base/canonical.ts";
import { toolNames } from "../../src/base/tool.ts";
import { openLayout } from "../../src/store/layout.ts";
import { openMemo } from "../../src/store/memo.ts";
import { smallPipeline } from "../rig/small.ts";
import { realTools } from "../rig/tools.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const bin = join(root, "dist/bin.js");
const folder = mkdtempSync(join(tmpdir(), "pipeline-engine-"));
const out = (text: string): void => void process.stdout.write(`${text}\n`);

/** Milliseconds of a whole command. */
const once = (cwd: string, file: string, ...argv: string[]): number => {
  const began = performance.now();
  const ended = spawnSync(file, argv, { cwd, encoding: "utf8", maxBuffer: 2 ** 28 });
  if (ended.status !== 0)
    throw new Error(`${file} ${argv.join(" ")} ended with ${ended.status}\n${ended.stdout}${ended.stderr}`);
  return performance.now() - began;
};
const node = (cwd: string, ...argv: string[]): number => once(cwd, process.execPath, ...argv);

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** In turn, so that a drift of the machine touches all alike; the first turn fills the caches and does not count. */
const inTurn = (turns: number, commands: Readonly<Record<string, () => number>>): ReadonlyMap<string, number> => {
  const times = new Map(Object.keys(commands).map((name) => [name, [] as number[]]));
  for (let turn = 0; turn <= turns; turn += 1)
    for (const [name, run] of Object.entries(commands)) {
      const took = run();
      if (turn > 0) times.get(name)?.push(took);
    }
  return new Map([...times].map(([name, values]) => [name, median(values)]));
};

const show = (name: string, ms: number, compared: string): void =>
  out(`  ${name.padEnd(40)} ${ms.toFixed(0).padStart(7)} ms  ${compared}`);

const times = (a: number, b: number): string => (a / b).toFixed(2);

/** 100 GB that take no room: nothing reads them, since their digest is known to the memo beforehand. */
const hundred = 100e9;

const twenty = smallPipeline
  .replace("name: small", "name: twenty")
  .replace(
    "  sources:",
    `  sources:
    - { id: printed, command: ["cat", "printed.txt"], inputs: [printed.txt, big.bin], domain: general, share: 10% }`,
  )
  .replace("share: 75%", "share: 65%")
  .replace("chunks: 4", "chunks: 8")
  .replace("[Q8_0, Q4_K_M]", "[Q8_0, Q6_K, Q5_K_M, Q4_K_M]");

const noop = (): void => {
  const place = join(folder, "noop");
  mkdirSync(place);
  for (const part of ["models", "corpora"]) symlinkSync(join(root, part), join(place, part));
  cpSync(join(root, "corpora/general/encyclopedia/lichens.txt"), join(place, "printed.txt"));
  writeFileSync(join(place, "twenty.yaml"), twenty);
  writeFileSync(join(place, "big.bin"), "");
  truncateSync(join(place, "big.bin"), hundred);
  const store = join(place, "store");
  const layout = openLayout(store);
  if (!layout.ok) throw new Error(layout.error.reason);
  openMemo(layout.value.memo).stamp(join(place, "big.bin"), sha256("100 GB of zeros"));
  const run = ["run", "twenty.yaml", "--json", "--out", join(place, "out"), "--cache", store];
  node(place, bin, ...run);
  const wireit = installWireit();
  const medians = inTurn(9, {
    "node -e 0": () => node(place, "-e", "0"),
    "pipeline run": () => node(place, bin, ...run),
    ...(wireit === undefined ? {} : { wireit: () => once(wireit, "npm", "run", "--silent", "build") }),
  });
  const record = JSON.parse(readFileSync(join(place, "out/twenty/run.json"), "utf8")) as Record<string, unknown>;
  const { executed, hashedBytes, steps } = record as { executed: number; hashedBytes: number; steps: unknown[] };
  const [base = 0, ours = 0, theirs] = medians.values();
  out(`nothing changed: ${steps.length} steps, 100 GB of sparse inputs (digest given to the memo, not computed)`);
  out(`  executed ${executed}, hashed ${hashedBytes} bytes`);
  show("node -e 0", base, "");
  show("pipeline run", ours, `${times(ours, base)} x node -e 0 (goal: at most 5)`);
  if (theirs !== undefined)
    show("wireit, one small input, by npm run", theirs, `ours is ${times(ours, theirs)} x this (goal: below 0.5)`);
};

/** Undefined, and said so, where npm cannot get it. */
const installWireit = (): string | undefined => {
  const place = join(folder, "wireit");
  mkdirSync(place);
  const task = { command: "cp input.txt output.txt", files: ["input.txt"], output: ["output.txt"] };
  writeFileSync(join(place, "input.txt"), "text\n");
  writeFileSync(
    join(place, "package.json"),
    JSON.stringify({ private: true, scripts: { build: "wireit" }, wireit: { build: task } }),
  );
  const got = spawnSync("npm", ["install", "--no-audit", "--no-fund", "wireit"], { cwd: place, encoding: "utf8" });
  if (got.status === 0) return place;
  out(`SKIPPED: wireit could not be installed: ${got.stderr.trim().split("\n")[0] ?? ""}`);
  return undefined;
};

/** The demo with tools that note how long each of their runs took. */
const cold = (): void => {
  const tools = join(folder, "tools");
  const log = join(folder, "tools.log");
  mkdirSync(tools);
  for (const tool of toolNames) {
    const real = join(realTools(), tool);
    const script = `#!/bin/bash\nbegan=$EPOCHREALTIME\n"${real}" "$@"\ncode=$?\necho "$began $EPOCHREALTIME" >> "${log}"\nexit $code\n`;
    writeFileSync(join(tools, tool), script);
    chmodSync(join(tools, tool), 0o755);
  }
  const options = ["--cache", join(folder, "cold-store"), "--out", join(folder, "cold-out"), "--llama-cpp", tools];
  node(root, bin, "plan", "pipelines/medical.yaml", ...options.slice(0, 2), ...options.slice(4));
  rmSync(log, { force: true });
  const took = node(root, bin, "run", "pipelines/medical.yaml", "--json", ...options);
  const runs = readFileSync(log, "utf8").trimEnd().split("\n");
  const inTools = runs.reduce((sum, line) => {
    const [began = 0, ended = 0] = line.split(" ").map(Number);
    return sum + (ended - began) * 1000;
  }, 0);
  const { steps } = JSON.parse(readFileSync(join(folder, "cold-out/medical/run.json"), "utf8")) as {
    steps: { step: string; seconds: number }[];
  };
  const corpus = (steps.find(({ step }) => step === "corpus")?.seconds ?? 0) * 1000;
  out(`cold run of the demo: ${runs.length} runs of tools`);
  show("all tools together", inTools, "");
  show("the run", took, `${((took / inTools - 1) * 100).toFixed(1)} % over its tools (goal: at most 5)`);
  show("of which the step corpus", corpus, "which is work of our own");
};

/** Forty-eight shards of one unit each, for nineteen types. */
const wide = `name: wide
model: models/pocket-f16.gguf
corpus:
  split: { search: 0 units }
  sources: [{ id: made, files: made/*.txt, domain: made, share: 100% }]
imatrix: { chunks: 4, context: 128 }
quantize:
  types: [Q8_0, Q6_K, Q5_1, Q5_K_M, Q5_K_S, Q5_0, Q4_1, Q4_K_M, IQ4_NL, Q4_K_S, Q4_0, IQ4_XS, Q3_K_L, Q3_K_M, IQ3_M, Q3_K_S, IQ3_XS, IQ3_XXS, Q2_K]
validate: { domain: made, units: 48, unit: 8192, context: 128 }
select: { tolerance: chat }
`;

const plan = (): void => {
  const place = join(folder, "wide");
  mkdirSync(join(place, "made"), { recursive: true });
  symlinkSync(join(root, "models"), join(place, "models"));
  for (let index = 0; index < 80; index += 1) {
    const words = Array.from({ length: 9000 }, (_, word) => `word${(index * 9000 + word).toString(36)}`);
    writeFileSync(join(place, "made", `${index}.txt`), words.join(" "));
  }
  writeFileSync(join(place, "wide.yaml"), wide);
  const script = `
    import { findTools, loadPipeline, planPipeline } from ${JSON.stringify(join(root, "dist/api.js"))};
    const pipeline = await loadPipeline("wide.yaml", { cache: "store" });
    if (!pipeline.ok) throw new Error(JSON.stringify(pipeline.error));
    const tools = await findTools(pipeline.value);
    if (!tools.ok) throw new Error(tools.error.reason);
    const began = performance.now();
    const planned = planPipeline(pipeline.value, tools.value, { cache: "store" });
    if (!planned.ok) throw new Error(planned.error.reason);
    console.error(planned.value.length, performance.now() - began);`;
  writeFileSync(join(place, "plan.mjs"), script);
  const said = spawnSync(process.execPath, ["plan.mjs"], { cwd: place, encoding: "utf8" });
  if (said.status !== 0) throw new Error(said.stderr);
  const [steps = "", alone = ""] = spawnSync(process.execPath, ["plan.mjs"], { cwd: place, encoding: "utf8" })
    .stderr.trim()
    .split(" ");
  const medians = inTurn(9, { base: () => node(place, "-e", "0"), plan: () => node(place, "plan.mjs") });
  const [base = 0, ours = 0] = medians.values();
  out(`a plan of ${steps} steps through the API`);
  show("node -e 0", base, "");
  show("load, find the tools, plan", ours, `${times(ours, base)} x node -e 0 (goal: at most 10)`);
  show("of which the plan", Number(alone), "n = 1");
};

const parts = { noop, cold, plan };
const asked = process.argv.slice(2);
try {
  for (const [name, part] of Object.entries(parts)) if (asked.length === 0 || asked.includes(name)) part();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
