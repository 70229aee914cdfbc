import { z } from "zod";
import { label, path, word } from "./leaf.ts";
import { pinTypes } from "./pipeline.ts";
import { budget, count, length, part } from "./quantity-kinds.ts";

const topUpSchema = z.union(
  [
    z.literal(true),
    z.array(label("the id of a source"), { error: "a list of ids" }).min(1, { error: "name at least one source" }),
  ],
  { error: "`true`, or a list of sources such as `[general]`" },
);

const coverageSchema = z
  .strictObject(
    {
      "min-tokens": budget.meta({
        description: "Tokens that must have reached each weight, and each expert of a weight with experts.",
      }),
      experts: part.prefault("0%").meta({
        description: "Part of the experts of a weight that fewer tokens may have reached.",
      }),
      "top-up": topUpSchema.optional().meta({
        description: "Sources that give more text where too little reached; `true`: all that calibrate.",
      }),
      pin: word("a type such as `Q8_0`", pinTypes).optional().meta({
        description: "Type of the weights that too little text reached, instead of a failure.",
      }),
    },
    { error: "a mapping such as `{ min-tokens: 256 }`" },
  )
  .optional()
  .meta({ description: "How much text must reach each weight; without it the report only says how much did." });

export const imatrixSchema = z
  .strictObject(
    {
      chunks: count("chunks", 128, 1).prefault(128).meta({
        description: "Windows of `context` tokens that the importance matrix stands for, over all sources.",
      }),
      "per-source": count("chunks", 128, 1).optional().meta({
        description: "Windows that each source's own matrix is collected from, at most; `chunks` when left out.",
      }),
      context: length.prefault(512).meta({ description: "Tokens in one window (n_ctx)." }),
      coverage: coverageSchema,
      import: path("the path of an importance matrix")
        .optional()
        .meta({
          description: "An importance matrix from elsewhere that is used instead, GGUF or the older `.dat`.",
          examples: ["../models/imatrix.gguf"],
        }),
    },
    { error: "a mapping such as `{ chunks: 128, context: 512 }`" },
  )
  .prefault({})
  .meta({ description: "The importance matrix, which tells the quantizer what weights matter for the corpus." });
