import tQuantile from "@stdlib/stats-base-dists-t-quantile";
import { matrixNames, type MatrixName } from "../base/matrix-names.ts";
import { average } from "./bounds.ts";
import { momentsOf } from "./hall.ts";

/** What a quant lost on the search split against the full-precision model, a number a unit, in the order of the units. */
export interface UnitLosses {
  /** nats a token */
  readonly lnPplRatio: readonly number[];
  readonly kld: readonly number[];
}

/** A type that was built with a matrix and measured. */
export interface MeasuredBuild {
  readonly type: string;
  readonly matrix: MatrixName;
  /** Bits a weight over the tensor data. */
  readonly bpw: number;
  /** By domain. */
  readonly losses: Readonly<Record<string, UnitLosses>>;
}

/**
 * What a difference says. `unclear`: its interval holds 0, so nothing can be told. `same`: no unit differs at all, as of
 * two matrices that are one.
 */
export type AblationVerdict = "helped" | "hurt" | "unclear" | "same";

/** A mean difference of losses; below 0 the matrix lost less than the one it is held against. */
export interface Difference {
  readonly mean: number;
  /** Ends of its interval, which holds together with all others of the report. */
  readonly lower: number;
  readonly upper: number;
  readonly verdict: AblationVerdict;
}

/** A matrix against another one, on a type and a domain. */
export interface MatrixComparison {
  readonly type: string;
  readonly domain: string;
  readonly matrix: MatrixName;
  readonly against: MatrixName;
  readonly kld: Difference;
  readonly lnPplRatio: Difference;
}

/** One build on one domain, as the report shows it. */
export interface ReportedBuild {
  readonly type: string;
  readonly matrix: MatrixName;
  readonly bpw: number;
  readonly domains: readonly {
    readonly domain: string;
    readonly lnPplRatio: number;
    readonly kld: number;
    readonly losses: UnitLosses;
  }[];
}

/** The part of `report.json` on importance matrices that were compared. */
export interface ComparedMatrices {
  /** Chance that any of the intervals misses its true mean: all of them together. */
  readonly errorRate: number;
  /** Intervals among which it is divided. */
  readonly intervals: number;
  /** Units of each domain. */
  readonly units: number;
  readonly builds: readonly ReportedBuild[];
  readonly comparisons: readonly MatrixComparison[];
}

/** Of all intervals of a report together. */
export const ablationErrorRate = 0.05;

/**
 * Against what each matrix is held: the first of these that a type was built with. `general` goes first, because what is
 * asked is what text of the domain adds to any text. All pairs were rejected: twice as many intervals, each of them wider.
 */
const references: readonly MatrixName[] = ["general", "none", "domain", "mixed"];

/**
 * Holds every build against that of the same type with the reference matrix, unit by unit. The interval of a mean difference
 * is Student's, two-sided, each at `ablationErrorRate` divided by the number of intervals (Bonferroni): that holds whatever
 * they have to do with each other, which is much, as they share their text and their reference.
 * @param builds each on the same units, of each domain at least two
 */
export const compareMatrices = (builds: readonly MeasuredBuild[], domains: readonly string[]): ComparedMatrices => {
  const pairs = pairsOf(builds).flatMap((pair) => domains.map((domain) => ({ ...pair, domain })));
  // Of each pair one in KLD and one in NLL.
  const intervals = 2 * pairs.length;
  const level = 1 - ablationErrorRate / (2 * Math.max(1, intervals));
  return {
    errorRate: ablationErrorRate,
    intervals,
    units: builds[0]?.losses[domains[0] ?? ""]?.kld.length ?? 0,
    builds: builds.map((build) => reported(build, domains)),
    comparisons: pairs.map((pair) => compared(pair, level)),
  };
};

interface Pair {
  readonly build: MeasuredBuild;
  readonly reference: MeasuredBuild;
}

/** Type after type, and inside a type in the order of the matrices. */
const pairsOf = (builds: readonly MeasuredBuild[]): Pair[] =>
  [...new Set(builds.map(({ type }) => type))].flatMap((type) => {
    const own = builds.filter((build) => build.type === type);
    const find = (matrix: MatrixName): MeasuredBuild | undefined => own.find((build) => build.matrix === matrix);
    const reference = references.map(find).find((build) => build !== undefined);
    const others = matrixNames.map(find).filter((build) => build !== undefined && build !== reference);
    return reference === undefined
      ? []
      : others.flatMap((build) => (build === undefined ? [] : [{ build, reference }]));
  });

const lossesOn = ({ type, matrix, losses }: MeasuredBuild, domain: string): UnitLosses => {
  const own = losses[domain];
  if (own === undefined) throw new Error(`Internal error: ${type} with ${matrix} was not measured on ${domain}`);
  return own;
};

const reported = (build: MeasuredBuild, domains: readonly string[]): ReportedBuild => ({
  type: build.type,
  matrix: build.matrix,
  bpw: build.bpw,
  domains: domains.map((domain) => {
    const losses = lossesOn(build, domain);
    return { domain, lnPplRatio: average(losses.lnPplRatio), kld: average(losses.kld), losses };
  }),
});

const compared = (
  { build, reference, domain }: Pair & { readonly domain: string },
  level: number,
): MatrixComparison => {
  const [own, other] = [lossesOn(build, domain), lossesOn(reference, domain)];
  return {
    type: build.type,
    domain,
    matrix: build.matrix,
    against: reference.matrix,
    kld: differenceOf(own.kld, other.kld, level),
    lnPplRatio: differenceOf(own.lnPplRatio, other.lnPplRatio, level),
  };
};

/** @param level one-sided, of one end of the interval */
const differenceOf = (own: readonly number[], other: readonly number[], level: number): Difference => {
  if (own.length !== other.length) throw new Error("Internal error: losses of different units are compared");
  const differences = own.map((loss, unit) => loss - (other[unit] ?? Number.NaN));
  const { n, mean, sd } = momentsOf(differences);
  const margin = (tQuantile(level, n - 1) * sd) / Math.sqrt(n);
  const [lower, upper] = [mean - margin, mean + margin];
  return { mean, lower, upper, verdict: verdictOf(differences, lower, upper) };
};

const verdictOf = (differences: readonly number[], lower: number, upper: number): AblationVerdict => {
  if (differences.every((difference) => difference === 0)) return "same";
  if (upper < 0) return "helped";
  return lower > 0 ? "hurt" : "unclear";
};
