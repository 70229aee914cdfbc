import type { Answer } from "../select/answer.ts";
import type { GateResult } from "../select/choose.ts";
import type { Allowed } from "../select/limits.ts";
import type { Measure } from "../select/verdict.ts";
import { against, formatKld, formatRise, formatSameTop, formatShare } from "./quantity.ts";

/** How the numbers of one measure on one domain are said. */
export interface MeasureWords {
  readonly subject: string;
  /** Stands between the subject and a number. */
  readonly verb: string;
  /** The side on which the loss is bounded, as this measure counts: a share of tokens is bounded from below. */
  readonly side: "at most" | "at least";
  /** The direction in which the loss shrinks. */
  readonly better: "lower" | "higher";
  /** A loss on the scale of the limits, in the unit of this measure, told from the limit. */
  readonly number: (loss: number) => string;
  readonly limit: string;
}

/** The words for a measure on a domain; a limit that is not in the tolerances is shown as it lies in the gate. */
export const measureWords = (
  { tolerances }: Pick<Answer, "tolerances">,
  domain: string,
  { measure, limit }: Pick<GateResult, "measure" | "limit">,
): MeasureWords =>
  makers[measure](
    limit,
    tolerances.find((each) => each.domain === domain),
  );

type Maker = (limit: number, allowed: Allowed | undefined) => MeasureWords;

const perplexity: Maker = (limit, allowed) => ({
  subject: "perplexity",
  verb: "rises by",
  side: "at most",
  better: "lower",
  ...(allowed === undefined || allowed.pplDelta === null
    ? { number: (loss) => risePercent(loss, limit), limit: formatLimitRise(limit, allowed?.ppl) }
    : absoluteRise(limit, allowed.pplDelta)),
});

/** The rise that people quote beside the ratio that decides; the perplexity between them is that of the first look. */
const absoluteRise = (limit: number, delta: number): Pick<MeasureWords, "number" | "limit"> => {
  const base = delta / Math.expm1(limit);
  const absolute = (loss: number, digits: number): string =>
    (Math.expm1(loss) * base).toFixed(digits).replace("-", "−");
  return {
    number: (loss) => `${against(loss, limit, absolute, 3)} or ${risePercent(loss, limit)}`,
    limit: `${delta} or ${formatLimitRise(limit, null)}`,
  };
};

const kld: Maker = (limit, allowed) => ({
  subject: "mean KLD",
  verb: "is",
  side: "at most",
  better: "lower",
  number: (loss) => against(loss, limit, formatKld, 4),
  limit: String(allowed?.kld ?? significant(limit)),
});

const topLoss: Maker = (limit, allowed) => ({
  subject: "the share of tokens with the same top token",
  verb: "is",
  side: "at least",
  better: "higher",
  number: (loss) => `${against(loss, limit, formatSameTop, 2)} %`,
  limit: formatShare(allowed?.sameTop ?? 1 - limit),
});

const makers: Readonly<Record<Measure, Maker>> = { lnPplRatio: perplexity, kld, topLoss };

const risePercent = (loss: number, limit: number): string =>
  `${against(loss, limit, formatRise, 2).replace("+", "")} %`;

const formatLimitRise = (limit: number, ppl: number | null | undefined): string =>
  formatShare(ppl ?? significant(Math.expm1(limit)));

/** A limit that was computed has more digits than anybody reads. */
const significant = (value: number): number => Number(value.toPrecision(3));
