import type { Budget } from "../memory/budget.ts";
import type { CacheType } from "../memory/cache-type.ts";
import type { OtherSize } from "../memory/ways.ts";
import type { Card } from "./card.ts";
import {
  type FileFit,
  type FitFile,
  fitFile,
  type KvRow,
  type Loading,
  type RefusedRow,
  type WayRow,
} from "./file-fit.ts";
import type { Verification } from "./verification.ts";
import { budgetFor, type FitWish, wantedContext } from "./wish.ts";

/** Which certified quant goes onto a card with how long a context: a part of the answer. */
export interface Fit {
  readonly card: Card;
  readonly budget: Budget;
  /** `context`: tokens of one sequence. The first of `kv` is the validated type, the only one that is chosen by itself. */
  readonly wish: Pick<FitWish, "context" | "kv" | "parallel" | "microBatch">;
  /** What the quants were certified with: n_ctx in tokens, type of the cache. */
  readonly validated: { readonly context: number; readonly kv: CacheType };
  /** The certified quants, from the largest to the smallest. */
  readonly candidates: readonly FitCandidate[];
  /** Null where none was certified, or llama.cpp would not load them so. */
  readonly choice: FitChoice | null;
  /** Certified quants larger than the choice that reach what it is chosen for: quality for nothing. */
  readonly larger: readonly { readonly type: string; readonly perSequence: number }[];
  /** Where the choice does not reach the wanted context: what would. */
  readonly ways: readonly WayRow[];
  /** Arguments of llama-server; null where nothing fits. */
  readonly server: readonly string[] | null;
  /** What llama.cpp allocated, where the pipeline asks for it. */
  readonly verification: Verification | null;
}

export interface FitCandidate {
  readonly type: string;
  readonly bytes: number;
  readonly rows: readonly (KvRow | RefusedRow)[];
}

export interface FitChoice {
  readonly type: string;
  /** Name of the file in the results' folder. */
  readonly file: string;
  readonly loading: Loading;
}

/** A fit before anything of it was run. */
export type PlannedFit = Omit<Fit, "server" | "verification">;

/**
 * The certified quant with the longest context; of several as long, the smallest file. Only the validated type of the cache
 * counts: what another one costs in quality nobody measured.
 *
 * @param certified from the largest to the smallest
 */
export const chooseFit = (
  certified: readonly FitFile[],
  wish: FitWish & { readonly card: Card },
  validated: Fit["validated"],
  fileOf: (type: string) => string,
): PlannedFit => {
  const fits = certified.map((file) => fitFile(file, wish));
  const found = longest(fits);
  const budget = budgetFor(wish);
  if (budget === null) throw new Error("Internal error: a card without a budget");
  return {
    card: wish.card,
    budget,
    wish: { context: wish.context, kv: wish.kv, parallel: wish.parallel, microBatch: wish.microBatch },
    validated,
    candidates: fits.map(({ name, bytes, rows }) => ({ type: name, bytes, rows })),
    choice: found === undefined ? null : { type: found.name, file: fileOf(found.name), loading: found.loading },
    larger: found === undefined ? [] : largerOnes(fits, found, wantedContext(wish)),
    ways: found === undefined ? [] : waysOf(found, certified, wish),
  };
};

type Loaded = FileFit & { readonly loading: Loading };

const longest = (fits: readonly FileFit[]): Loaded | undefined => {
  const loaded = fits.flatMap((fit) => (fit.loading === null ? [] : [{ ...fit, loading: fit.loading }]));
  return loaded.toSorted((a, b) => b.loading.perSequence - a.loading.perSequence || a.bytes - b.bytes)[0];
};

const largerOnes = (
  fits: readonly FileFit[],
  { bytes, loading }: Loaded,
  wanted: number | undefined,
): Fit["larger"] => {
  if (!loading.fits) return [];
  const least = wanted ?? loading.perSequence;
  return fits.flatMap((fit) => {
    const reached = fit.loading?.perSequence ?? 0;
    return fit.bytes > bytes && reached >= least ? [{ type: fit.name, perSequence: reached }] : [];
  });
};

/** Smaller files that are certified come after the other settings of the choice itself. */
const waysOf = (found: Loaded, certified: readonly FitFile[], wish: FitWish): readonly WayRow[] => {
  const file = certified.find(({ name }) => name === found.name);
  const smaller: readonly OtherSize[] = certified.filter(({ bytes }) => bytes < found.bytes);
  return file === undefined ? [] : fitFile(file, wish, smaller).ways;
};

/** Whether a context is the one that a type of the cache was validated with. */
export const isValidated = ({ validated }: Pick<Fit, "validated">, { kv, perSequence }: KvRow): boolean =>
  kv === validated.kv && perSequence === validated.context;
