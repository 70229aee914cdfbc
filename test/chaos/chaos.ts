/**
 * Runs the suites of disturbances. Usage: node test/chaos/chaos.ts [--seed N] [--rounds N] [options and files of vitest]
 *
 * `--rounds`: kills with quick tools; a tenth as many with the real ones. 40 by default, which is what CI runs. The seed
 * decides every draw and is printed; what a machine does between two instructions it cannot decide.
 */
import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";

const { values, tokens } = parseArgs({
  options: { seed: { type: "string" }, rounds: { type: "string" } },
  strict: false,
  tokens: true,
});

const whole = (name: "seed" | "rounds", fallback: number): number => {
  const text = values[name] ?? String(fallback);
  if (typeof text === "string" && /^\d{1,9}$/.test(text)) return Number(text);
  process.stderr.write(`--${name} must be a whole number of at most nine digits\n`);
  return process.exit(2);
};
const seed = whole("seed", randomInt(1_000_000_000));
const rounds = whole("rounds", 40);

/** Words that are not ours go to vitest as they are. */
const own = new Set(
  tokens.flatMap((token) => {
    if (token.kind !== "option" || (token.name !== "seed" && token.name !== "rounds")) return [];
    return token.inlineValue === false ? [token.index, token.index + 1] : [token.index];
  }),
);
const others = process.argv.slice(2).filter((_, index) => !own.has(index));

process.stdout.write(`chaos: --seed ${seed} --rounds ${rounds}\n`);
const ended = spawnSync("vitest", ["run", "--project", "chaos", ...others], {
  stdio: "inherit",
  env: { ...process.env, CHAOS_SEED: String(seed), CHAOS_ROUNDS: String(rounds) },
});
process.exitCode = ended.status ?? 1;
