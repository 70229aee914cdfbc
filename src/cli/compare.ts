import { ok, type Result } from "../base/result.ts";
import { formatComparison, formatComparisonMarkdown, type Compared } from "../report/comparison.ts";
import { compareAnswers, type Comparison } from "../select/compare.ts";
import { fail, stdout } from "./console.ts";
import { exitCodes } from "./exit-code.ts";
import { findReport } from "./find-report.ts";
import { tellComparison } from "./github.ts";
import { readReport } from "./read-report.ts";
import type { ReportCommandOptions } from "./report.ts";

/** `pipeline report --compare BASE [OUT]`: what changed since an earlier report, and whether it is worse. Writes nothing. */
export const compare = (
  out: string,
  base: string,
  { json = false, markdown = false }: ReportCommandOptions,
): number => {
  const compared = load(out, base);
  if (!compared.ok) return fail(compared.error, json);
  const { comparison } = compared.value;
  const exitCode = comparison.regressions.length > 0 ? exitCodes.regression : 0;
  stdout().write(json ? asJson(comparison, exitCode) : asText(compared.value, markdown));
  tellComparison(compared.value);
  return exitCode;
};

const load = (out: string, base: string): Result<Compared> => {
  const [earlier, later] = [findReport(base), findReport(out)];
  if (!earlier.ok) return earlier;
  if (!later.ok) return later;
  const [before, after] = [readReport(earlier.value), readReport(later.value)];
  if (!before.ok) return before;
  if (!after.ok) return after;
  return ok({ comparison: compareAnswers(before.value, after.value), before: before.value, after: after.value });
};

const asText = (compared: Compared, markdown: boolean): string =>
  markdown ? formatComparisonMarkdown(compared) : formatComparison(compared, stdout());

const asJson = (comparison: Comparison, exitCode: number): string =>
  `${JSON.stringify({ ok: exitCode === 0, exitCode, comparable: comparison.incomparable.length === 0, ...comparison })}\n`;
