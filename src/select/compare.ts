import type { Answer, Choice, ReportedCandidate } from "./answer.ts";
import type { GateResult } from "./choose.ts";
import type { Measure, Verdict } from "./verdict.ts";

/** A report against an earlier one of the same pipeline. */
export interface Comparison {
  readonly pipeline: string;
  /** What keeps verdicts from being held against each other; nothing is a regression then. */
  readonly incomparable: readonly Change[];
  readonly regressions: readonly Regression[];
  readonly choice: { readonly before: Choice | null; readonly after: Choice | null };
  /** Candidates of which the reports say different things, and those that only one of them has. */
  readonly verdicts: readonly VerdictChange[];
  /** Gates that were measured in both, and whose bound is another one now. */
  readonly bounds: readonly BoundChange[];
  /** What else differs: tools, texts, model, settings. */
  readonly changes: readonly Change[];
}

/** Something that both reports have, in the words of the report; null where one has no such thing. */
export interface Change {
  readonly what: string;
  readonly before: string | number | boolean | null;
  readonly after: string | number | boolean | null;
}

/**
 * What counts as worse, and exits with 5:
 * - `nothing-certified`: something was chosen before, and nothing is now
 * - `larger-choice`: the chosen file is larger by more than a thousandth; headers grow by some bytes with a version's name
 * - `pass-lost`: a candidate passed and counted, and does not any more
 */
export type Regression =
  | { readonly code: "nothing-certified"; readonly before: Choice }
  | { readonly code: "larger-choice"; readonly before: Choice; readonly after: Choice }
  | { readonly code: "pass-lost"; readonly type: string; readonly after: Standing };

/** A verdict, and whether it counts: a PASS behind a candidate that did not pass does not. */
export interface Standing {
  readonly verdict: Verdict;
  readonly blockedBy?: string;
  /** The type that beats it by rule, so that it was left out. */
  readonly prunedBy?: string;
}

export interface VerdictChange {
  readonly type: string;
  readonly before: Standing | null;
  readonly after: Standing | null;
}

export interface BoundChange {
  readonly type: string;
  readonly domain: string;
  readonly measure: Measure;
  readonly before: number;
  readonly after: number;
}

/** Part of the file by which a choice may grow. */
const growth = 0.001;

/** Holds a report against an earlier one. */
export const compareAnswers = (before: Answer, after: Answer): Comparison => {
  const incomparable = toleranceChanges(before, after);
  const verdicts = verdictChanges(before, after);
  return {
    pipeline: after.pipeline,
    incomparable,
    regressions: incomparable.length > 0 ? [] : [...choiceRegressions(before, after), ...lostPasses(verdicts)],
    choice: { before: before.choice, after: after.choice },
    verdicts,
    bounds: boundChanges(before, after),
    changes: otherChanges(before, after),
  };
};

const choiceRegressions = ({ choice: before }: Answer, { choice: after }: Answer): Regression[] => {
  if (before === null) return [];
  if (after === null) return [{ code: "nothing-certified", before }];
  return after.bytes > before.bytes * (1 + growth) ? [{ code: "larger-choice", before, after }] : [];
};

/** A candidate that the pipeline does not list any more, or that is left out by rule, was not found to be worse. */
const lostPasses = (verdicts: readonly VerdictChange[]): Regression[] =>
  verdicts.flatMap(({ type, before, after }) =>
    counts(before) && after !== null && after.prunedBy === undefined && !counts(after)
      ? [{ code: "pass-lost", type, after }]
      : [],
  );

const counts = (standing: Standing | null): boolean => standing?.verdict === "PASS" && standing.blockedBy === undefined;

const standingOf = ({ verdict, blockedBy, prunedBy }: ReportedCandidate): Standing => ({
  verdict,
  ...(blockedBy === undefined ? {} : { blockedBy }),
  ...(prunedBy === undefined ? {} : { prunedBy: prunedBy.type }),
});

const verdictChanges = (before: Answer, after: Answer): VerdictChange[] =>
  union(byType(before), byType(after)).flatMap(([type, one, other]) => {
    const [old, now] = [one === undefined ? null : standingOf(one), other === undefined ? null : standingOf(other)];
    return same(old, now) ? [] : [{ type, before: old, after: now }];
  });

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

const byType = ({ candidates }: Answer): Map<string, ReportedCandidate> =>
  new Map(candidates.map((each) => [each.type, each]));

/** Names of both, those of the first in front. */
const union = <T>(
  one: ReadonlyMap<string, T>,
  other: ReadonlyMap<string, T>,
): [string, T | undefined, T | undefined][] =>
  [...new Set([...one.keys(), ...other.keys()])].map((name) => [name, one.get(name), other.get(name)]);

const boundChanges = (before: Answer, after: Answer): BoundChange[] =>
  [...gatesOf(before)].flatMap(([key, { type, domain, gate }]) => {
    const now = gatesOf(after).get(key)?.gate;
    return now === undefined || now.upper === gate.upper
      ? []
      : [{ type, domain, measure: gate.measure, before: gate.upper, after: now.upper }];
  });

interface Placed {
  readonly type: string;
  readonly domain: string;
  readonly gate: GateResult;
}

const gatesOf = ({ candidates }: Answer): Map<string, Placed> =>
  new Map(
    candidates.flatMap(({ type, domains }) =>
      domains.flatMap(({ domain, gates }) =>
        gates.map((gate) => [JSON.stringify([type, domain, gate.measure]), { type, domain, gate }] as const),
      ),
    ),
  );

/** Another limit or another domain asks another question, so its answer is no worse than the old one, only another. */
const toleranceChanges = (before: Answer, after: Answer): Change[] => {
  const domains = union(toleranceOf(before), toleranceOf(after)).flatMap(([domain, one, other]) =>
    differ(`tolerance on ${domain} text`, one, other),
  );
  return [...domains, ...differ("confidence", before.decision.confidence, after.decision.confidence)];
};

const toleranceOf = ({ tolerances }: Answer): Map<string, string> =>
  new Map(
    tolerances.map(({ domain, ppl, pplDelta, kld, sameTop }) => {
      const parts = { ppl, "ppl-delta": pplDelta, kld, "same-top": sameTop };
      const given = Object.entries(parts).flatMap(([name, value]) => (value === null ? [] : [`${name} ${value}`]));
      return [domain, given.join(", ")];
    }),
  );

const differ = (what: string, before: Change["before"] | undefined, after: Change["after"] | undefined): Change[] =>
  (before ?? null) === (after ?? null) ? [] : [{ what, before: before ?? null, after: after ?? null }];

const otherChanges = (before: Answer, after: Answer): Change[] =>
  union(factsOf(before), factsOf(after)).flatMap(([what, one, other]) => differ(what, one, other));

/** What an answer rests on, each by its name. */
const factsOf = (answer: Answer): Map<string, Change["before"]> => {
  const { llamaCpp, model, corpus, holdout, decision, imatrix } = answer;
  return new Map<string, Change["before"]>([
    ["pipeline", answer.pipeline],
    ["llama.cpp version", llamaCpp.version],
    ["llama.cpp tools", llamaCpp.digest],
    ["computed on", `${llamaCpp.numeric.backend}, ${llamaCpp.numeric.device}, ${llamaCpp.numeric.isa}`],
    ["model", model.sha256],
    ["seed", answer.seed],
    ["calibration texts", corpus.calibration],
    ["held-out texts", holdout.shards.map(({ sha256 }) => sha256).join(" ")],
    ...corpus.sources.flatMap(({ id, share, kept, license }): [string, Change["before"]][] => [
      [`documents of source ${id}`, kept],
      [`share of source ${id}`, share],
      [`licence of source ${id}`, license],
    ]),
    ["importance matrix", imatrix.sha256],
    ["chunks of the importance matrix", imatrix.chunks],
    ["units of the holdout", holdout.units],
    ["tokens of a unit", holdout.unitTokens],
    ["context", holdout.context],
    ["cache", holdout.kv],
    ["flags of llama-perplexity", holdout.flags.join(" ")],
    ["mode", decision.mode],
    ["planned reruns", decision.plannedReruns],
    ["exploratory", decision.ledger.exploratory],
  ]);
};
