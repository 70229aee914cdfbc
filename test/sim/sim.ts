/**
 * Counts how often the selection certifies what it must not, what it costs and what it finds, in simulated decisions, and
 * prints Markdown. Exit code 1 when a bound is broken. Usage:
 *   node test/sim/sim.ts [--runs N] [--seed N] [--units FILE.json] [--write]
 * `--runs`: decisions of the worst cells, 20000 unless given; of the others a fifth. `--units`: recorded units, such as a
 * `report.json`; test/sim/recorded.json unless given, where it is there. `--write`: into docs/error-rates.md.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { format, resolveConfig } from "prettier";
import { broken } from "./bounds.ts";
import { countAll } from "./pool.ts";
import { planOf } from "./plan.ts";
import { documentOf } from "./document.ts";

const usual = fileURLToPath(new URL("recorded.json", import.meta.url));
const document = fileURLToPath(new URL("../../docs/error-rates.md", import.meta.url));
const [begin, end] = ["<!-- npm run sim -- --write: begin -->", "<!-- end -->"];

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "20000" },
    seed: { type: "string", default: "1" },
    units: { type: "string", default: usual },
    write: { type: "boolean", default: false },
  },
});

const whole = (name: string, text: string): number => {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`--${name} needs a whole number, not ${text}`);
  return number;
};

const [runs, seed] = [whole("runs", values.runs), whole("seed", values.seed)];
if (values.units !== usual && !existsSync(values.units)) throw new Error(`${values.units} is not there`);

const plan = planOf(runs, existsSync(values.units) ? values.units : null);
const counts = await countAll(plan.all, seed, (done, all) => {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${all} `);
});
const results = plan.sort(counts);
const text = await format(documentOf(results, { runs, seed }), {
  ...(await resolveConfig(document)),
  parser: "markdown",
});
process.stdout.write(text);

if (values.write) {
  const [head, rest = ""] = readFileSync(document, "utf8").split(begin);
  const [, tail] = rest.split(end);
  if (head === undefined || tail === undefined) throw new Error(`${document} has no place for the tables`);
  writeFileSync(document, `${head}${begin}\n\n${text}\n${end}${tail}`);
}

const faults = broken(results.errors, results.costs, results.recorded);
for (const fault of faults) process.stderr.write(`${fault}\n`);
process.exitCode = faults.length === 0 ? 0 : 1;
