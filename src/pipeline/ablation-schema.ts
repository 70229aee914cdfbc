import * as z from "zod";
import { matrixNames } from "../base/matrix-names.ts";
import { word } from "./leaf.ts";
import { quantTypeNames, typeAliases } from "./types.ts";

const matrix = word("a matrix such as `domain`", matrixNames);

const matricesSchema = z
  .array(matrix, { error: "a list such as `[none, general, domain, mixed]`" })
  .min(2, { error: "name at least two matrices to compare, such as `general` and `domain`" });

/** In full, where it also says which types are compared. */
export const ablationMapping = z.strictObject(
  {
    matrices: matricesSchema.meta({ description: "The importance matrices that are compared, each once." }),
    types: z
      .array(word("a quant type of llama-quantize such as `Q4_K_M`", quantTypeNames, typeAliases), {
        error: "a list such as `[Q4_K_M, IQ2_XS]`",
      })
      .min(1, { error: "name at least one type, such as `Q4_K_M`" })
      .optional()
      .meta({ description: "Types of the ladder that are built with each; those of 5 bits and less when left out." }),
  },
  { error: "a mapping such as `{ matrices: [general, domain] }`" },
);

/** A list of matrices, or a mapping that has it. */
export const ablationSchema = z
  .union([matricesSchema, ablationMapping], {
    error: "a list such as `[none, general, domain, mixed]`, or a mapping with `matrices`",
  })
  .optional()
  .meta({
    description: "Importance matrices that are compared on the search split: whether text of the domain helped.",
    examples: [["none", "general", "domain", "mixed"]],
  });

export type WrittenAblation = z.output<typeof ablationSchema>;
