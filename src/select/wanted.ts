import type { SelectMode } from "../base/select-mode.ts";
import { unreachable } from "../base/result.ts";
import { judge, judgeUpTo, type Losses, type Rules } from "./verdict.ts";

/** What is known of a decision so far. */
export interface Progress {
  readonly mode: SelectMode;
  readonly rules: Rules;
  /** From the largest file to the smallest. */
  readonly ladder: readonly string[];
  /** Losses by candidate and domain, as far as they are measured. */
  readonly losses: ReadonlyMap<string, Readonly<Record<string, Losses>>>;
}

/** Why a measurement is not needed. */
export interface Needless {
  /** The candidate whose verdict makes it needless: the own one, or a larger one. */
  readonly type: string;
  readonly verdict: "PASS" | "FAIL" | "UNDECIDED";
  /** The verdict concerns this domain only: the candidate as a whole is not decided yet. */
  readonly domain?: string;
}

/**
 * Whether a candidate must be measured on a stretch of a domain's units, given everything that was to be measured before.
 * Undefined: it must. Depends on earlier looks only, never on the order in which measurements happened to end.
 * @param stretch units of `domain` after it
 */
export const needless = (
  progress: Progress,
  type: string,
  stretch: { domain: string; end: number },
): Needless | undefined => {
  switch (progress.mode) {
    case "full":
      return undefined;
    case "ladder":
      return needlessInLadder(progress, type, stretch);
    case "decisive":
      return needlessToBuild(progress, type) ?? decided(progress, type, stretch);
    default:
      return unreachable(progress.mode);
  }
};

/** Whether a candidate must be built at all: in `decisive` mode only if every larger one passed. */
export const needlessToBuild = (progress: Progress, type: string): Needless | undefined => {
  if (progress.mode !== "decisive") return undefined;
  for (const larger of before(progress.ladder, type)) {
    const { verdict } = judge(progress.losses.get(larger) ?? {}, progress.rules);
    if (verdict !== "PASS") return { type: larger, verdict };
  }
  return undefined;
};

/** A smaller candidate cannot be chosen any more once a larger one failed; one that is undecided may still pass. */
const needlessInLadder = (
  progress: Progress,
  type: string,
  stretch: { domain: string; end: number },
): Needless | undefined => {
  const seen = lookBefore(progress, stretch.end);
  if (seen === 0) return undefined;
  for (const larger of before(progress.ladder, type)) {
    const { verdict } = judgeUpTo(progress.losses.get(larger) ?? {}, progress.rules, seen);
    if (verdict === "FAIL") return { type: larger, verdict };
  }
  return decided(progress, type, stretch);
};

/** What the candidate's own earlier looks said: failed, or passed on this domain. */
const decided = (
  progress: Progress,
  type: string,
  { domain, end }: { domain: string; end: number },
): Needless | undefined => {
  const seen = lookBefore(progress, end);
  if (seen === 0) return undefined;
  const { verdict, gates } = judgeUpTo(progress.losses.get(type) ?? {}, progress.rules, seen);
  if (verdict !== "UNDECIDED") return { type, verdict };
  const own = gates.filter((gate) => gate.domain === domain);
  return own.every((gate) => gate.verdict === "PASS") ? { type, verdict: "PASS", domain } : undefined;
};

const before = (ladder: readonly string[], type: string): readonly string[] =>
  ladder.slice(0, Math.max(0, ladder.indexOf(type)));

/** The last look that is over before the stretch begins to matter; 0 for the first. A look can be cut into stretches. */
const lookBefore = ({ rules: { looks } }: Progress, end: number): number => {
  const look = looks.findIndex(({ units }) => units >= end);
  return looks[look - 1]?.units ?? 0;
};
