import type { Losses } from "../../src/select/verdict.ts";
import type { Random } from "./random.ts";

/** A candidate whose real losses are known. */
export interface Rung {
  readonly type: string;
  /** bytes, only for the order */
  readonly bytes: number;
  /** Real mean ΔNLL, nats a token. */
  readonly theta: number;
  /** Real mean KLD, nats a token. */
  readonly kld: number;
  /** Standard deviation of a unit's ΔNLL around its document's, nats a token. */
  readonly spread: number;
}

/** How units differ from each other. */
export interface Shape {
  /** Of the noise of ΔNLL. `gamma`: skewed upwards, as losses are. */
  readonly noise: "gaussian" | "gamma";
  /** Coefficient of variation of what a document multiplies losses by. */
  readonly cv: number;
}

export const chunksPerUnit = 4;
const scoredPerChunk = 255;

/** Spread of a unit of four windows for a candidate of this KLD: 1.1·√(2·KLD/255) a window. */
export const spreadOf = (kld: number): number =>
  (1.1 * Math.sqrt((2 * Math.max(kld, 0)) / scoredPerChunk)) / Math.sqrt(chunksPerUnit);

/**
 * Published losses of Llama-3-8B on wiki.test (llama.cpp, tools/perplexity/README.md): type, ln(PPL ratio), mean KLD. Where
 * the table has both, the rows with an importance matrix.
 */
const published: readonly (readonly [type: string, theta: number, kld: number])[] = [
  ["Q8_0", 0.00042, 0.00136],
  ["Q6_K", 0.0035, 0.0055],
  ["Q5_K_M", 0.0091, 0.0108],
  ["Q5_K_S", 0.0167, 0.0166],
  ["Q4_K_M", 0.024, 0.0282],
  ["Q4_K_S", 0.0282, 0.032],
  ["IQ4_XS", 0.0359, 0.0363],
  ["Q3_K_M", 0.0776, 0.0844],
  ["IQ3_XXS", 0.18, 0.184],
  ["Q2_K", 0.448, 0.445],
];

/** A ladder as it is met, from the largest file to the smallest. */
export const realLadder: readonly Rung[] = published.map(([type, theta, kld], index) => ({
  type,
  bytes: published.length - index,
  theta,
  kld,
  spread: spreadOf(kld),
}));

/** One holdout, measured by every candidate. */
export interface Draw {
  /** Losses of a candidate on all units; drawn when first asked for. */
  readonly of: (rung: number) => Losses;
}

/** Shape of the gamma noise of one window; those of a unit add up. The skewness of each half of a window's noise is 2. */
const windowShape = 1;
/** Part of the variance of the noise that candidates share: they stumble over the same tokens. */
const shared = 0.5;
/** Coefficient of variation of a unit's KLD around its document's. */
const kldCv = 0.15;

/**
 * Units as they are simulated: ΔNLL = θ·g + noise and KLD = kld·g·h, with a factor g of the
 * document (gamma, mean 1) that all candidates have in common. Half of the noise is common as well. h is gamma with mean 1:
 * KLD cannot be negative, and a token's KLD varies about three times its mean (1 % after 100,000 tokens), which makes a
 * tenth over the 1,020 scored tokens of a unit; 0.15 allows for tokens that depend on each other.
 */
export const drawUnits = (random: Random, ladder: readonly Rung[], { noise, cv }: Shape, units: number): Draw => {
  const common = Array.from({ length: units }, () => noiseOf(random, noise));
  const factors = Array.from({ length: units }, () => (cv === 0 ? 1 : 1 + cv * random.gamma(1 / cv ** 2)));
  const drawn: Losses[] = [];
  return { of: (rung) => (drawn[rung] ??= drawRung(random, ladder[rung]!, { noise, common, factors })) };
};

const noiseOf = (random: Random, noise: Shape["noise"]): number =>
  noise === "gaussian" ? random.normal() : random.gamma(windowShape * chunksPerUnit);

const drawRung = (
  random: Random,
  { theta, kld, spread }: Rung,
  { noise, common, factors }: { noise: Shape["noise"]; common: readonly number[]; factors: readonly number[] },
): Losses => ({
  lnPplRatio: factors.map((factor, unit) => {
    const both = Math.sqrt(shared) * common[unit]! + Math.sqrt(1 - shared) * noiseOf(random, noise);
    return theta * factor + spread * both;
  }),
  kld: factors.map((factor) => kld * factor * (1 + kldCv * random.gamma(1 / kldCv ** 2))),
  topLoss: [],
});
