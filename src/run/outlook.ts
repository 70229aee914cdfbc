import type { Pipeline } from "../pipeline/pipeline.ts";
import { decisionParams } from "../plan/decision-steps.ts";
import { shardsOf } from "../plan/plan.ts";
import { spentPart } from "../select/level.ts";
import { largestShown } from "../select/needed.ts";
import { alphaOf } from "./alpha.ts";
import type { DiskOutlook } from "./disk-outlook.ts";
import type { LogitsNeed } from "./logits-disk.ts";
import type { ModelOutlook } from "./model-outlook.ts";
import type { SizesEstimate } from "./sizes.ts";
import type { TextOutlook } from "./text-outlook.ts";
import type { UnitsEstimate } from "./units.ts";

/** What is known of a run before it begins, besides its steps. */
export interface Outlook {
  /** Of a model that is brought from elsewhere; null for a file of the user's own. */
  readonly model: ModelOutlook | null;
  /** Of text that is brought from elsewhere. */
  readonly texts: readonly TextOutlook[];
  readonly units: readonly UnitsEstimate[];
  /** null where llama-quantize cannot say */
  readonly sizes: SizesEstimate | null;
  /** null for a model that cannot be read */
  readonly logits: LogitsNeed | null;
  /** null where the file system does not say what is free */
  readonly disk: DiskOutlook | null;
  readonly decidable: readonly Decidable[];
}

/** What so many units can decide on a domain. */
export interface Decidable {
  readonly domain: string;
  readonly units: number;
  /** One-sided error rate of the decision. */
  readonly alpha: number;
  /** Allowed relative rise of perplexity; null where it hangs on the measured perplexity. */
  readonly ppl: number | null;
  /** Largest rise that will probably be shown to lie inside it (power 0.9). */
  readonly shown: number | null;
  readonly origin: "estimated";
}

export const decidable = (pipeline: Pipeline): Decidable[] => {
  const params = decisionParams(pipeline, shardsOf(pipeline));
  const alpha = alphaOf(params);
  return params.tolerances.map(({ domain, ppl }) => {
    const limit = ppl === null ? null : Math.log1p(ppl);
    const part =
      limit === null ? null : largestShown(params.units, params.scored, limit, alpha * spentPart(params.units));
    return {
      domain,
      units: params.units,
      alpha,
      ppl,
      shown: limit === null || part === null ? null : Math.expm1(limit * part),
      origin: "estimated",
    };
  });
};
