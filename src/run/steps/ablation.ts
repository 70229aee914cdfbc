import { writeFileSync } from "node:fs";
import { ok } from "../../base/result.ts";
import type { Manifest } from "../../corpus/manifest.ts";
import { baselineRole, buildRoles, type AblationParams } from "../../plan/ablation-steps.ts";
import { compareMatrices, type MeasuredBuild, type UnitLosses } from "../../select/ablation.ts";
import type { AblationFacts } from "../../select/answer.ts";
import { groupMeans } from "../../select/bounds.ts";
import type { BaselineRows } from "./baseline.ts";
import type { QuantInfo } from "./quantize.ts";
import { readJson } from "./read-json.ts";
import type { StepContext, StepImplementation } from "./step.ts";
import type { CandidateRows } from "./validate.ts";

/** Importance matrices held against each other on the search split: no tool, milliseconds. */
export const ablation: StepImplementation = {
  run: (context) => {
    const { builds, domains, sources, unmade } = paramsOf(context);
    const measured = builds.flatMap((build) => measuredOf(context, build));
    const found: AblationFacts = { sources, unmade, ...compareMatrices(measured, domains) };
    writeFileSync(context.path("ablation"), `${JSON.stringify(found, null, 2)}\n`);
    return Promise.resolve(ok(null));
  },
};

const paramsOf = (context: StepContext): AblationParams => context.spec.params as unknown as AblationParams;

/** Nothing of a type that was measured only if it were chosen. */
const measuredOf = (context: StepContext, build: AblationParams["builds"][number]): MeasuredBuild[] => {
  const { rows, info } = buildRoles(build);
  if (!context.inputs.has(rows)) return [];
  const { bpw } = readJson(context, info) as QuantInfo;
  return [{ ...build, bpw, losses: lossesOf(context, readJson(context, rows) as CandidateRows) }];
};

/** By domain: the search split holds units of all domains, in turn, and the manifest says of which each is. */
const lossesOf = (context: StepContext, { nll, kld }: CandidateRows): Readonly<Record<string, UnitLosses>> => {
  const { domains, chunksPerUnit } = paramsOf(context);
  const { search } = readJson(context, "manifest") as Manifest;
  const base = (readJson(context, baselineRole) as BaselineRows).nll;
  const byUnit = {
    lnPplRatio: groupMeans(
      nll.map((value, chunk) => value - (base[chunk] ?? Number.NaN)),
      chunksPerUnit,
    ),
    kld: groupMeans(kld, chunksPerUnit),
  };
  const of = (values: readonly number[], domain: string): number[] =>
    values.filter((_, unit) => search.units[unit]?.domain === domain);
  return Object.fromEntries(
    domains.map((domain) => [domain, { lnPplRatio: of(byUnit.lnPplRatio, domain), kld: of(byUnit.kld, domain) }]),
  );
};
