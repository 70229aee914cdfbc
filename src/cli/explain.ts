import { err, ok, type Result } from "../base/result.ts";
import { nearest } from "../pipeline/words.ts";
import { formatExplanation } from "../report/explain.ts";
import { explanationOf } from "../report/explanation.ts";
import type { Answer, ReportedCandidate } from "../select/answer.ts";
import { fail, stdout } from "./console.ts";
import { explainStep, looksLikeStep } from "./explain-step.ts";
import { findAnswer } from "./find-report.ts";
import type { SharedOptions } from "./settings.ts";

export interface ExplainCommandOptions extends SharedOptions {
  readonly out: string;
}

/**
 * `pipeline explain WHAT [FILE]`: why a candidate of the last run got its verdict, and what would have changed it; or
 * what a step rests on. Steps are told by their form, so that one can be explained before there is any report.
 */
export const explain = (what: string, file: string | undefined, options: ExplainCommandOptions): Promise<number> =>
  looksLikeStep(what) ? explainStep(what, file, options) : explainCandidate(what, file, options);

const explainCandidate = async (
  what: string,
  file: string | undefined,
  options: ExplainCommandOptions,
): Promise<number> => {
  const { json = false } = options;
  const found = await findAnswer(file, options);
  if (!found.ok) return fail(found.error, json);
  const candidate = candidateOf(what, found.value);
  if (!candidate.ok) return fail(candidate.error, json);
  const output = stdout();
  output.write(
    json
      ? `${JSON.stringify(explanationOf(candidate.value, found.value))}\n`
      : formatExplanation(candidate.value, found.value, output),
  );
  return 0;
};

const candidateOf = (what: string, { candidates, pipeline }: Answer): Result<ReportedCandidate> => {
  const candidate = candidates.find(({ type }) => type === what);
  if (candidate !== undefined) return ok(candidate);
  const types = candidates.map(({ type }) => type);
  const near = nearest(what, types);
  const meant = near === undefined ? "" : `, did you mean ${near}?`;
  const message =
    `${what} is no candidate of ${pipeline}${meant === "" ? "." : meant} Candidates can be explained, here ` +
    `${types.join(", ")}, and steps, which \`pipeline plan FILE\` lists`;
  return err({ reason: "unusable-argument", message });
};
