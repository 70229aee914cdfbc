import * as z from "zod";
import { selectModes } from "../base/select-mode.ts";
import { word } from "./leaf.ts";
import { divergence, reruns } from "./quantity-kinds.ts";
import { toleranceSchema } from "./tolerance-schema.ts";

const warnSchema = z
  .strictObject(
    {
      "p99-kld": divergence.optional().meta({
        description: "Warn when the 99th percentile of the KL divergence of single tokens is above this, in nats.",
      }),
    },
    { error: "a mapping such as `{ p99-kld: 0.5 }`" },
  )
  .prefault({})
  .meta({ description: "What the report warns of. It decides nothing." });

export const selectSchema = z
  .strictObject(
    {
      mode: word("a mode such as `ladder`", selectModes).prefault("ladder").meta({
        description:
          "How much is measured. `ladder`: every candidate a first time, then those that are undecided; `decisive`: from the largest file down to the first that does not pass; `full`: every candidate on all units.",
      }),
      "planned-reruns": reruns.prefault(0).meta({
        description:
          "Decisions on the same holdout that are planned besides this one; the error rate is divided by `planned-reruns` + 1.",
      }),
      tolerance: toleranceSchema,
      warn: warnSchema,
    },
    { error: "a mapping such as `{ tolerance: chat }`" },
  )
  .meta({ description: "What may be chosen." });
