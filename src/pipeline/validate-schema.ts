import * as z from "zod";
import { fewestUnits } from "../base/looks.ts";
import { label, word } from "./leaf.ts";
import { cacheTypes } from "./pipeline.ts";
import { count, diskSize, length } from "./quantity-kinds.ts";

const tooFewUnits = "with fewer units the measured bounds are too unsure to certify anything";

const domainWords = "a domain of the corpus such as `medical`";

const domain = label(domainWords);

export const validateSchema = z
  .strictObject(
    {
      domain: z
        .union(
          [domain, z.array(domain, { error: "a list of domains" }).min(1, { error: "name at least one domain" })],
          {
            error: `${domainWords}, or a list of domains`,
          },
        )
        .optional()
        .meta({
          description:
            "Domain whose held-out text decides, or a list of them; each the domain of at least one source. Default: those that the tolerance names.",
          examples: ["medical"],
        }),
      units: count("units", 128, fewestUnits, tooFewUnits)
        .prefault("128 units")
        .meta({ description: "Units of text held out for the decision in each of its domains, 16 or more." }),
      unit: length.optional().meta({
        description:
          "Tokens in a unit, a multiple of `context`. Default: 2,048, or `context` where that is longer, rounded up to whole windows.",
      }),
      context: length.optional().meta({ description: "Tokens in one window (n_ctx). Default: `imatrix.context`." }),
      kv: word("a type of the KV cache such as `f16`", cacheTypes)
        .prefault("f16")
        .meta({ description: "Type of the KV cache during validation." }),
      "logits-disk": diskSize.optional().meta({
        description: "The most disk that base logits may take at once, such as `20GiB`. Default: no limit.",
      }),
    },
    { error: "a mapping such as `{ domain: medical }`" },
  )
  .prefault({})
  .meta({ description: "How each candidate is measured against the full-precision model." });
