import { limitsFor } from "./select-in-world.ts";
import { realLadder, spreadOf, type Rung, type Shape } from "./world.ts";

/** Which candidates have a loss of exactly their limit; such a one must not be certified. */
export type Pattern = "one" | "below" | "all";
export type Boundary = "lnPplRatio" | "kld";

/** One setting in which the error rate is counted. */
export interface ErrorCell extends Shape {
  readonly kind: "error";
  readonly pattern: Pattern;
  readonly boundary: Boundary;
  readonly units: number;
}

/** The rise of perplexity that is allowed where errors are counted. */
export const rise = 0.02;
/** Q5_K_M: the two larger ones lie so far inside 2 % that they never shield it from being certified. */
const boundaryRung = 2;
/** How far inside its limit the other measure lies: so far that it certifies at once, and does not help to refuse. */
const inside = 0.1;

/** Places of the candidates at their limit. */
const atLimit = (pattern: Pattern, rung: number): boolean =>
  pattern === "all" || (pattern === "below" ? rung >= boundaryRung : rung === boundaryRung);

/** The first candidate that must not be certified. */
export const firstBad = (pattern: Pattern): number => (pattern === "all" ? 0 : boundaryRung);

/** The published ladder with some candidates moved to the limit of one measure, far inside that of the other. */
export const ladderOf = ({ pattern, boundary }: Pick<ErrorCell, "pattern" | "boundary">): readonly Rung[] =>
  realLadder.map((rung, index) => (atLimit(pattern, index) ? moved(rung, boundary) : rung));

const moved = (rung: Rung, boundary: Boundary): Rung => {
  const { lnPplRatio, kld } = limitsFor(rise);
  return boundary === "lnPplRatio"
    ? { ...rung, theta: lnPplRatio, kld: inside * kld, spread: spreadOf(lnPplRatio) }
    : { ...rung, theta: inside * lnPplRatio, kld, spread: spreadOf(kld) };
};

const noises = ["gaussian", "gamma"] as const;
const variations = [0, 0.5, 1] as const;
export const sizes = [16, 32, 64, 128] as const;
const patterns = ["one", "below", "all"] as const;

const product = (
  boundary: Boundary,
  all: readonly Pattern[],
  units: readonly number[],
  cvs: readonly number[] = variations,
): ErrorCell[] =>
  noises.flatMap((noise) =>
    cvs.flatMap((cv) =>
      all.flatMap((pattern) =>
        units.map((each): ErrorCell => ({ kind: "error", noise, cv, pattern, boundary, units: each })),
      ),
    ),
  );

export const deltaCells: readonly ErrorCell[] = product("lnPplRatio", patterns, sizes);
export const kldCells: readonly ErrorCell[] = product("kld", ["below"], sizes);
const skewed = ({ noise }: ErrorCell): boolean => noise === "gamma";
/** Holdouts whose last look is close to the one before, and one with five looks. */
export const oddCells: readonly ErrorCell[] = product("lnPplRatio", ["below"], [17, 24, 48, 100, 130, 256], [1]).filter(
  skewed,
);
/** Documents that differ more than is assumed: counted to show where the procedure ends, without a bound. */
export const wildCells: readonly ErrorCell[] = product("lnPplRatio", ["below"], sizes, [1.5, 2, 3]).filter(skewed);
