import { hash } from "node:crypto";
import { sha256 } from "../base/canonical.ts";

/**
 * A seeded stream of numbers in [0, 1): SHA-256 in counter mode, the same on every machine and Node version.
 * Slower than a generator with state and needs no library; some thousand draws a run make that irrelevant.
 */
export const randomStream = (seed: string): (() => number) => {
  let counter = 0;
  return () => {
    counter += 1;
    return Number.parseInt(sha256(`${seed}\n${counter}`).slice(0, 13), 16) / 2 ** 52;
  };
};

/**
 * A place in an order that depends on the seed and the name alone, so that adding an item moves no other. Without a `Hash`,
 * whose memory lies beside V8's heap: every document has a rank, and they piled up.
 */
export const rank = (seed: number, ...names: readonly string[]): string =>
  hash("sha256", [seed, ...names].join("\n"), "hex");
