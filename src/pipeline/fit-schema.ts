import * as z from "zod";
import { flag, word } from "./leaf.ts";
import { gpuAliases, gpuNames } from "./gpus.ts";
import { cacheTypes } from "./pipeline.ts";
import { diskSize, length } from "./quantity-kinds.ts";

const contextWords = "`max`, or a mapping such as `{ min: 16k }`";

const contextSchema = z
  .union(
    [
      z.enum(["max"], { error: contextWords }),
      z.strictObject({ min: length.meta({ description: "Tokens of one sequence." }) }, { error: contextWords }),
    ],
    { error: contextWords },
  )
  .prefault("max")
  .meta({ description: "The longest context that fits (`max`), which must have so many tokens at least (`min`)." });

/** That a GPU or a size is given is a rule. */
export const fitSchema = z
  .strictObject(
    {
      gpu: word("a GPU such as `rtx-4090`", gpuNames, gpuAliases)
        .optional()
        .meta({ description: "The GPU that the quant is for: its memory, and its bandwidth for the speed." }),
      vram: diskSize.optional().meta({
        description: "Memory of the GPU, such as `8GiB`; goes before what `gpu` says.",
      }),
      reserve: diskSize.optional().meta({
        description: "Memory that stays free beside the model. Default: 1GiB, as in llama.cpp.",
      }),
      context: contextSchema,
      kv: z
        .array(word("a type of the KV cache such as `f16`", cacheTypes), { error: "a list such as `[f16, q8_0]`" })
        .min(1, { error: "name at least one type, such as `q8_0`" })
        .optional()
        .meta({
          description:
            "Types of the KV cache to reckon with. Only that of `validate.kv` is chosen by itself, the others are shown. Default: that one and `q8_0`.",
        }),
      parallel: z
        .int({ error: "a whole number from `1` to `256`" })
        .min(1, { error: "at least `1`" })
        .max(256, { error: "at most `256`" })
        .prefault(1)
        .meta({ description: "Sequences at once, each with a context of its own." }),
      verify: flag().prefault(false).meta({
        description: "Load the choice through llama.cpp, and hold what it allocates against the prediction.",
      }),
    },
    { error: "a mapping such as `{ gpu: rtx-4090 }`" },
  )
  .optional()
  .meta({
    description: "The memory that the choice is to fit into; without it nothing is said of memory.",
    anyOf: [{ required: ["gpu"] }, { required: ["vram"] }],
  });
