import type { MatrixName } from "../base/matrix-names.ts";
import type { AblationVerdict, Difference, MatrixComparison } from "../select/ablation.ts";
import type { AblationFacts, Answer } from "../select/answer.ts";
import { enumerate, formatKld, formatShare, nothing, plural } from "./quantity.ts";

/** What a matrix is called where it is compared. */
export const matrixWords: Readonly<Record<MatrixName, string>> = {
  none: "no matrix",
  general: "the matrix of the general sources",
  domain: "the matrix of the domain's sources",
  mixed: "the pipeline's own matrix",
};

export const verdictWord: Readonly<Record<AblationVerdict, string>> = {
  helped: "helped",
  hurt: "hurt",
  unclear: "cannot be told",
  same: "no difference",
};

/** Whether each matrix helped, at which bit depth and by how much: a sentence for each domain and pair of matrices. */
export const ablationSentences = ({ ablation }: Answer): string[] => {
  if (ablation === undefined) return [];
  if (ablation.comparisons.length === 0)
    return ["No importance matrices could be compared: no type was built with two of them."];
  return [...groupsOf(ablation).map((group) => groupSentence(group, ablation)), errorSentence(ablation)];
};

/** What stands behind the words. */
export const errorSentence = ({ errorRate, intervals, units }: AblationFacts): string =>
  `Each difference is paired over ${plural(units, "unit")} of the search split, and all ${plural(intervals, "interval")} ` +
  `hold together with an error rate of ${formatShare(errorRate)} (Student's t, Bonferroni). Words go by the mean KLD.`;

/** What was asked for and is not there. */
export const unmadeSentences = ({ unmade }: AblationFacts): string[] => {
  const needing = unmade.flatMap(({ type, why }) => (why === "needs-matrix" && type !== null ? [type] : []));
  return [
    ...unmade.flatMap(({ matrix, why }) =>
      why === "no-text" ? [`No source of the matrix ${matrix} has a window of calibration text.`] : [],
    ),
    ...(needing.length === 0 ? [] : [`llama-quantize makes no ${enumerate(needing)} without a matrix.`]),
  ];
};

/** The mean KLD of a build; undefined where it was not measured. */
export const kldOf = (
  { builds }: AblationFacts,
  { type, domain }: Pick<MatrixComparison, "type" | "domain">,
  matrix: MatrixName,
): number | undefined =>
  builds.find((build) => build.type === type && build.matrix === matrix)?.domains.find((each) => each.domain === domain)
    ?.kld;

/** `−5.2 %`: a difference as a part of what the reference loses; a dash where that is nothing. */
export const relative = (difference: number, reference: number | undefined): string => {
  if (reference === undefined || reference <= 0) return nothing;
  const percent = (100 * difference) / reference;
  return `${percent < 0 ? "−" : "+"}${Math.abs(percent).toFixed(1)} %`;
};

/** `−0.0012`, with its sign. */
export const signed = (value: number): string => (value < 0 ? "" : "+") + formatKld(value, 5);

/** `−0.0030 to +0.0004` */
export const interval = ({ lower, upper }: Difference): string => `${signed(lower)} to ${signed(upper)}`;

const groupsOf = ({ comparisons }: AblationFacts): MatrixComparison[][] => {
  const groups = new Map<string, MatrixComparison[]>();
  for (const each of comparisons) {
    const key = JSON.stringify([each.domain, each.matrix, each.against]);
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()];
};

const groupSentence = (group: readonly MatrixComparison[], facts: AblationFacts): string => {
  const [first] = group;
  if (first === undefined) throw new Error("Internal error: a group of no comparisons");
  const found = (["helped", "hurt", "unclear", "same"] as const).flatMap((verdict) => {
    const own = group.filter(({ kld }) => kld.verdict === verdict);
    return own.length === 0 ? [] : [`${verdictWord[verdict]} at ${enumerate(own.map((each) => place(each, facts)))}`];
  });
  const subject = `On ${first.domain} text, ${matrixWords[first.matrix]} against ${matrixWords[first.against]}`;
  return `${subject}: ${found.join("; ")}.`;
};

/** A type with its bits, and by how much where that can be told. */
const place = (comparison: MatrixComparison, facts: AblationFacts): string => {
  const { type, matrix, against, kld } = comparison;
  const bpw = facts.builds.find((build) => build.type === type && build.matrix === matrix)?.bpw;
  const bits = bpw === undefined ? "" : `${bpw.toFixed(2)} bits`;
  const isTold = kld.verdict === "helped" || kld.verdict === "hurt";
  const change = isTold ? `, KLD ${relative(kld.mean, kldOf(facts, comparison, against))}` : "";
  return `${type} (${bits}${change})`;
};
