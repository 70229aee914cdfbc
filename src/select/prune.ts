/** A type that another one beats by rule: no larger, and better on every published table. */
export interface Dominance {
  readonly type: string;
  readonly by: readonly string[];
  readonly source: string;
}

/**
 * Types that are not worth measuring where one of the others is in the ladder and not larger. Size is compared on the
 * model at hand, quality is the rule here; both are known before any validation text is touched.
 */
export const dominances: readonly Dominance[] = [
  { type: "Q5_1", by: ["Q5_K_M", "Q5_K_S"], source: "llama.cpp PR 1684: k-quants against the types before them" },
  { type: "Q5_0", by: ["Q5_K_S"], source: "llama.cpp PR 1684: k-quants against the types before them" },
  { type: "Q4_1", by: ["Q4_K_M", "Q4_K_S"], source: "llama.cpp PR 1684: k-quants against the types before them" },
  {
    type: "Q4_0",
    by: ["IQ4_XS"],
    source: "llama.cpp tools/perplexity, Llama-3-8B: Q4_0 KLD 0.072 at 4.34 GiB, IQ4_XS KLD 0.036 at 4.14 GiB",
  },
  {
    type: "Q3_K_S",
    by: ["IQ3_S"],
    source: "llama.cpp PR 6745, Llama-3-70B: both 28.79 GiB, perplexity +29.0 % and +22.6 %",
  },
  {
    type: "Q2_K_S",
    by: ["IQ2_M"],
    source: "llama.cpp PR 6745, Llama-3-70B: 22.79 and 22.46 GiB, perplexity +91.9 % and +72.4 %",
  },
];

/** A candidate with the size it will have. */
export interface Sized {
  readonly type: string;
  /** bytes */
  readonly bytes: number;
}

export interface Pruned extends Sized {
  readonly by: string;
  readonly source: string;
}

export interface Ladder {
  /** From the largest to the smallest; equal sizes by name. */
  readonly rungs: readonly Sized[];
  readonly pruned: readonly Pruned[];
}

/** The order in which candidates are tested, frozen before any of them is measured. */
export const makeLadder = (sizes: readonly Sized[], dominated: "drop" | "keep"): Ladder => {
  const ordered = [...sizes].sort((a, b) => b.bytes - a.bytes || (a.type < b.type ? -1 : 1));
  if (dominated === "keep") return { rungs: ordered, pruned: [] };
  const pruned = ordered.flatMap((each) => beaten(each, ordered));
  return { rungs: ordered.filter(({ type }) => !pruned.some((each) => each.type === type)), pruned };
};

const beaten = (candidate: Sized, all: readonly Sized[]): Pruned[] => {
  const rule = dominances.find(({ type }) => type === candidate.type);
  const winner = all.find(({ type, bytes }) => rule?.by.includes(type) === true && bytes <= candidate.bytes);
  return rule === undefined || winner === undefined ? [] : [{ ...candidate, by: winner.type, source: rule.source }];
};
