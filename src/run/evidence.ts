import type { DecisionParams } from "../plan/decision-steps.ts";
import { looksOf } from "../base/looks.ts";
import { average, groupMeans } from "../select/bounds.ts";
import type { BaseNll } from "../select/choose.ts";
import { lookRules } from "../select/level.ts";
import { limitsOf } from "../select/limits.ts";
import type { Ladder } from "../select/prune.ts";
import type { Losses, Measure, Rules } from "../select/verdict.ts";
import { alphaOf } from "./alpha.ts";
import type { BaselineRows } from "./steps/baseline.ts";
import type { CandidateRows } from "./steps/validate.ts";

/** Gives what a step wrote as JSON; undefined when it did not run, or has not yet. */
export type ReadOutput = (step: string, output: string) => unknown;

/** Everything that verdicts are made of, as far as it is measured. */
export interface Measured {
  readonly ladder: Ladder;
  readonly alpha: number;
  readonly rules: Rules;
  readonly base: BaseNll;
  readonly losses: ReadonlyMap<string, Readonly<Record<string, Losses>>>;
}

/** Gathers the measurements. Undefined before the order of the candidates and the first look at the full model are known. */
export const gather = (params: DecisionParams, read: ReadOutput): Measured | undefined => {
  const ladder = read("ladder", "ladder") as Ladder | undefined;
  const base = baseNll(params, read);
  const noise = noiseOf(params, read, base);
  if (ladder === undefined || noise === undefined) return undefined;
  const alpha = alphaOf(params);
  const first = looksOf(params.units)[0] ?? 0;
  return {
    ladder,
    alpha,
    base,
    rules: {
      looks: lookRules(params.units, alpha),
      domains: params.tolerances.map((allowed) =>
        limitsOf(allowed, Math.exp(average((base[allowed.domain] ?? []).slice(0, first)))),
      ),
      noise,
    },
    losses: new Map(params.types.map((type) => [type, lossesOf(params, read, base, `validate/${type}`)])),
  };
};

/** Up to the first shard of a domain that is not measured: units count in their order only. */
const overShards = <Rows>(
  { shards, chunksPerUnit }: DecisionParams,
  domain: string,
  rows: (shard: number) => Rows | undefined,
  values: (rows: Rows, shard: number) => readonly number[],
): number[] => {
  const all: number[] = [];
  for (const { number } of shards.filter((shard) => shard.domain === domain)) {
    const measured = rows(number);
    if (measured === undefined) break;
    all.push(...groupMeans(values(measured, number), chunksPerUnit));
  }
  return all;
};

const baseRows = (read: ReadOutput, shard: number): BaselineRows | undefined =>
  read(`baseline/${shard}`, "nll") as BaselineRows | undefined;

const baseNll = (params: DecisionParams, read: ReadOutput): BaseNll =>
  Object.fromEntries(
    params.tolerances.map(({ domain }) => [
      domain,
      overShards(
        params,
        domain,
        (shard) => baseRows(read, shard),
        ({ nll }) => nll,
      ),
    ]),
  );

/** Losses by domain of what `<prefix>/<shard>` measured; domains without any are left out. */
const lossesOf = (
  params: DecisionParams,
  read: ReadOutput,
  base: BaseNll,
  prefix: string,
): Readonly<Record<string, Losses>> => {
  const domains = params.tolerances.map(({ domain }): [string, Losses] => {
    const units = (values: (rows: CandidateRows) => readonly number[]): number[] =>
      overShards(params, domain, (shard) => read(`${prefix}/${shard}`, "rows") as CandidateRows | undefined, values);
    const nll = units((rows) => rows.nll);
    return [
      domain,
      {
        lnPplRatio: nll.map((value, unit) => value - (base[domain]?.[unit] ?? Number.NaN)),
        kld: units((rows) => rows.kld),
        topLoss: units((rows) => rows.sameTop).map((same) => 1 - same),
      },
    ];
  });
  return Object.fromEntries(domains.filter(([, { kld }]) => kld.length > 0));
};

/** What the full-precision model loses against itself on the first look; undefined until all domains are measured. */
const noiseOf = (params: DecisionParams, read: ReadOutput, base: BaseNll): Rules["noise"] | undefined => {
  const losses = lossesOf(params, read, base, "noise");
  const noise: Record<string, Record<Measure, number>> = {};
  for (const { domain } of params.tolerances) {
    const own = losses[domain];
    if (own === undefined || base[domain]?.[own.kld.length - 1] === undefined) return undefined;
    noise[domain] = {
      lnPplRatio: Math.abs(average(own.lnPplRatio)),
      kld: average(own.kld),
      topLoss: average(own.topLoss),
    };
  }
  return noise;
};
