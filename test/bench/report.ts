/**
 * What rendering a report costs: sixty candidates on four domains, in a process of its own, as a ratio to `node -e 0`
 * inside one run. Nothing is asserted; the goal stands beside the figure.
 */
import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { manyCandidates } from "../report/many.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "pipeline-report-"));
const report = join(folder, "report.json");
writeFileSync(report, JSON.stringify(manyCandidates()));

/** The chunk of the built program that makes the files of a report. */
const [chunk] = globSync("dist/chunks/report-files-*.js", { cwd: root });
if (chunk === undefined) throw new Error("npm run build makes the chunk that makes the files");
const code =
  `const { reportFiles } = await import(${JSON.stringify(join(root, chunk))});` +
  `const { readFileSync, writeFileSync } = await import("node:fs");` +
  `for (const { file, text } of reportFiles(JSON.parse(readFileSync(${JSON.stringify(report)}, "utf8"))))` +
  ` writeFileSync(${JSON.stringify(folder)} + "/" + file, text);`;

/** Milliseconds of a whole process. */
const once = (...argv: readonly string[]): number => {
  const began = performance.now();
  const ended = spawnSync(process.execPath, argv, { encoding: "utf8" });
  if (ended.status !== 0) throw new Error(ended.stderr);
  return performance.now() - began;
};

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

// In turn, so that what else the machine does falls on both.
const pairs = Array.from({ length: 9 }, () => [once("-e", "0"), once("--input-type=module", "-e", code)] as const);
const [base, ours] = [median(pairs.map(([a]) => a)), median(pairs.map(([, b]) => b))];
const line =
  `report of 60 candidates on 4 domains: ${ours.toFixed(0)} ms, ${(ours / base).toFixed(1)} x node -e 0 ` +
  `(${base.toFixed(0)} ms; n = ${pairs.length}, medians; goal: at most 20)`;
process.stdout.write(`${line}\n`);
rmSync(folder, { recursive: true });
