/**
 * Times whole commands, each as a child process, and prints medians with their spread. The figures to quote are the
 * ratios inside one run: machines differ, and a machine's speed drifts.
 */
import { spawnSync } from "node:child_process";
import { cpus, tmpdir } from "node:os";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const bin = join(root, "dist/bin.js");
const folder = mkdtempSync(join(tmpdir(), "pipeline-bench-"));
const shared = ["--cache", join(folder, "store"), "--out", join(folder, "out")];
const demo = join(root, "pipelines/medical.yaml");

const once = (...argv: string[]): number => {
  const began = performance.now();
  const ended = spawnSync(process.execPath, argv, { cwd: root, encoding: "utf8" });
  if (ended.status !== 0)
    throw new Error(`${argv.join(" ")} ended with ${ended.status}\n${ended.stdout}${ended.stderr}`);
  return performance.now() - began;
};

const out = (text: string): void => void process.stdout.write(`${text}\n`);

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const show = (name: string, values: readonly number[], base: number): void => {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const ratio = base === 0 ? "" : `  ${(median(values) / base).toFixed(2)} x node -e 0`;
  out(
    `${name.padEnd(28)} ${median(values).toFixed(0).padStart(7)} ms (${low.toFixed(0)} to ${high.toFixed(0)}, n = ${values.length})${ratio}`,
  );
};

try {
  out(`${cpus().length} x ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}`);
  const cold = once(bin, "run", demo, ...shared);
  const seconds = (
    JSON.parse(readFileSync(join(folder, "out/medical/run.json"), "utf8")) as { steps: { seconds: number }[] }
  ).steps;
  const steps = seconds.reduce((sum, step) => sum + step.seconds, 0) * 1000;
  out(
    `cold run of the demo         ${cold.toFixed(0).padStart(7)} ms (n = 1), ${((cold / steps - 1) * 100).toFixed(1)} % over the sum of its steps`,
  );

  // In turn, so that a drift of the machine touches all of them alike.
  const commands: Record<string, string[]> = {
    "node -e 0": ["-e", "0"],
    "pipeline --version": [bin, "--version"],
    "pipeline check": [bin, "check", demo],
    "pipeline plan, all cached": [bin, "plan", demo, "--cache", join(folder, "store")],
    "pipeline run, all cached": [bin, "run", demo, ...shared],
  };
  const times = new Map(Object.keys(commands).map((name) => [name, [] as number[]]));
  for (let round = 0; round < 16; round += 1) {
    for (const [name, argv] of Object.entries(commands)) {
      const took = once(...argv);
      // The first round fills the compile cache and the disk cache.
      if (round > 0) times.get(name)?.push(took);
    }
  }
  const base = median(times.get("node -e 0") ?? []);
  for (const [name, values] of times) show(name, values, base);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
