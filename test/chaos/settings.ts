import { seededRandom } from "../sim/random.ts";

/** What `npm run test:chaos` was asked for; `test/chaos/chaos.ts` sets both variables and prints the seed. */
const seed = Number(process.env["CHAOS_SEED"] ?? "1");

/** Kills with the quick tools; a tenth as many with the real ones, and the other suites scale with it. */
export const rounds = Number(process.env["CHAOS_ROUNDS"] ?? "40");

/** One in ten, for what takes ten times as long. */
export const realRounds = Math.ceil(rounds / 10);

/** A number from [0, 1), the same for the same seed and name: a suite that runs alone draws what it draws among others. */
export const draw = (name: string): number =>
  seededRandom(Buffer.from(name).reduce((sum, byte) => (Math.imul(sum, 31) + byte) | 0, seed)).uniform();

/** One of several, by `draw`. */
export const pick = <T>(name: string, from: readonly T[]): T => {
  const chosen = from[Math.floor(draw(name) * from.length)];
  if (chosen === undefined) throw new Error(`nothing to pick from for ${name}`);
  return chosen;
};
