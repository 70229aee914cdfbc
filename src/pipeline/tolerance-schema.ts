import * as z from "zod";
import { labelPattern, meant, word } from "./leaf.ts";
import type { Tolerance } from "./pipeline.ts";
import { companionKld, presetNames, presetTolerance, usualConfidence } from "./presets.ts";
import { percentText } from "./quantities.ts";
import { agreement, confidence, divergence, perplexityDelta, perplexityRise } from "./quantity-kinds.ts";
import { boundKeys, isByDomain, isCustom, isLikePercent, isMapping } from "./tolerance-form.ts";

/** Tolerances as the file gives them: one for all gated domains, or one for each by its name. */
export type WrittenTolerance =
  { readonly all: Tolerance } | { readonly each: Readonly<Partial<Record<string, Tolerance>>> };

/** The keys of bounds of one's own. That there is one bound of perplexity is a rule. */
export const boundsSchema = z
  .strictObject(
    {
      ppl: perplexityRise.optional().meta({
        description: "Largest relative rise of perplexity, 0.1% or more; either this or `ppl-delta`.",
      }),
      "ppl-delta": perplexityDelta.optional().meta({
        description: "Largest absolute rise of perplexity, such as 0.05; either this or `ppl`.",
      }),
      kld: divergence.optional().meta({
        description: "Largest mean KL divergence, nats per token. Default: 2 ln(1 + the relative rise of perplexity).",
      }),
      "same-top": agreement.optional().meta({
        description: "Least part of the tokens for which both models find the same one most likely. Default: no bound.",
      }),
      confidence: confidence
        .prefault(percentText(usualConfidence))
        .meta({ description: "One-sided confidence with which each bound must hold; the same for all domains." }),
    } satisfies Record<(typeof boundKeys)[number], z.ZodType>,
    { error: "a mapping such as `{ ppl: 3% }`" },
  )
  .meta({ title: "tolerance", oneOf: [{ required: ["ppl"] }, { required: ["ppl-delta"] }] });

const custom = boundsSchema.transform(
  ({
    ppl = null,
    "ppl-delta": pplDelta = null,
    kld = null,
    "same-top": sameTop = null,
    confidence: sure,
  }): Tolerance => ({
    name: "custom",
    ppl,
    pplDelta,
    kld: kld ?? (ppl === null ? null : companionKld(ppl)),
    sameTop,
    confidence: sure,
  }),
);

const preset = word("a tolerance such as `chat`", presetNames, {}, (written) =>
  isLikePercent(written) ? `did you mean \`{ ppl: ${written.trim()} }\`?` : undefined,
).transform(presetTolerance);

const rise = perplexityRise.transform((ppl): Tolerance => ({
  name: "custom",
  ppl,
  pplDelta: null,
  kld: companionKld(ppl),
  sameTop: null,
  confidence: usualConfidence,
}));

/** The tolerance of one domain in a tolerance by domain; a number is a percentage that lacks its unit. */
export const domainToleranceSchema = z.union(
  [
    meant((value) => typeof value === "number" || isLikePercent(value), rise),
    meant((value) => typeof value === "string" && !isLikePercent(value), preset),
    meant(isMapping, custom),
  ],
  { error: "a percentage such as `3%`, the name of a preset such as `chat`, or a mapping such as `{ ppl: 3% }`" },
);

/** That its domains are those that are gated is a rule. */
const byDomain = z
  .record(
    z.string().meta({ pattern: labelPattern, maxLength: 64, not: { enum: [...boundKeys] } }),
    domainToleranceSchema,
  )
  .meta({ minProperties: 1 });

const forAll = (all: Tolerance): WrittenTolerance => ({ all });

export const toleranceSchema = z
  .union(
    [
      preset.transform(forAll),
      meant(isCustom, custom.transform(forAll)),
      meant(
        isByDomain,
        byDomain.transform((each): WrittenTolerance => ({ each })),
      ),
    ],
    { error: "the name of a preset such as `chat`, or a mapping such as `{ ppl: 3% }` or `{ medical: 3% }`" },
  )
  .meta({
    description:
      "How much worse than the full-precision model the choice may be: a preset, own bounds, or one of these or a percentage for each domain.",
  });
