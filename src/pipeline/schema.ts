import * as z from "zod";
import { ablationSchema } from "./ablation-schema.ts";
import { cardSchema } from "./card-schema.ts";
import { fitSchema } from "./fit-schema.ts";
import { hygieneSchema } from "./hygiene-schema.ts";
import { imatrixSchema } from "./imatrix-schema.ts";
import { text, word } from "./leaf.ts";
import { modelSchema } from "./model-schema.ts";
import { backends, dominatedWays, shortWays } from "./pipeline.ts";
import { count, duration, part } from "./quantity-kinds.ts";
import { selectSchema } from "./select-schema.ts";
import { sourceSchema } from "./source-schema.ts";
import { quantTypeNames, typeAliases } from "./types.ts";
import { validateSchema } from "./validate-schema.ts";

const comparator = String.raw`(?:>=|<=|>|<|=|\^|~)?\s*v?\d+(?:\.\d+){0,2}`;
const comparators = String.raw`${comparator}(?:\s+${comparator})*`;
// Comparators joined by spaces (and) or `||` (or): what release numbers need, without npm's tags and pre-releases.
const versionRange = new RegExp(String.raw`^\s*(?:\*|${comparators}(?:\s*\|\|\s*${comparators})*)\s*$`);

const llamaCppSchema = z
  .strictObject(
    {
      version: text("a version range such as `>=0.5`", versionRange)
        .prefault(">=0.5")
        .meta({ description: "Releases of llama.cpp that may be used, as a range in npm's notation." }),
      backend: word("a backend such as `cpu`", backends)
        .prefault("auto")
        .meta({ description: "What computes; `auto` takes the fastest that the machine and the tools have." }),
    },
    { error: "a mapping such as `{ backend: cpu }`" },
  )
  .prefault({})
  .meta({ description: "Which llama.cpp tools may be used." });

const splitSchema = z
  .strictObject(
    {
      search: count("units", 8, 0).prefault("8 units").meta({
        description: "Units of each validated domain kept for tuning; never calibrated on, never certified on.",
      }),
    },
    { error: "a mapping such as `{ search: 8 units }`" },
  )
  .prefault({})
  .meta({ description: "How much text is set aside." });

const corpusSchema = z
  .strictObject(
    {
      seed: z
        .int({ error: "a whole number from `0` to `4294967295`" })
        .min(0, { error: "at least `0`" })
        .max(4_294_967_295, { error: "at most `4294967295`" })
        .prefault(1)
        .meta({ description: "Seed of every random choice in the corpus; equal seeds give equal corpora." }),
      split: splitSchema,
      short: word("a way such as `allow`", shortWays)
        .prefault("refuse")
        .meta({ description: "A source that cannot fill its share ends the run, or gives what it has (`allow`)." }),
      "overlap-limit": part.prefault("10%").meta({
        description: "Part of the held-out documents that may be dropped because they share 13 words with calibration.",
      }),
      hygiene: hygieneSchema,
      sources: z
        .array(sourceSchema, { error: "a list of sources" })
        .min(1, { error: "give it at least one source" })
        .meta({ description: "Where the text comes from." }),
    },
    { error: "a mapping with `sources`" },
  )
  .meta({ description: "The text that the model is calibrated and validated on." });

const quantizeSchema = z
  .strictObject(
    {
      types: z
        .array(word("a quant type of llama-quantize such as `Q4_K_M`", quantTypeNames, typeAliases), {
          error: "a list such as `[Q8_0, Q6_K, Q4_K_M]`",
        })
        .min(1, { error: "name at least one type, such as `Q4_K_M`" })
        .meta({ description: "The types to try, in any order, each once." }),
      dominated: word("a way such as `keep`", dominatedWays).prefault("drop").meta({
        description: "Types that another listed type beats by rule are left out and named, or tried too (`keep`).",
      }),
    },
    { error: "a mapping such as `{ types: [Q8_0, Q6_K, Q4_K_M] }`" },
  )
  .meta({ description: "The candidates." });

const timeoutsSchema = z
  .strictObject(
    {
      stall: duration
        .prefault("10m")
        .meta({ description: "A tool that neither prints nor computes for this long is ended." }),
    },
    { error: "a mapping such as `{ stall: 10m }`" },
  )
  .prefault({})
  .meta({ description: "When to give up on a tool." });

/** The pipeline file: the one source of its checks, its defaults and the JSON Schema for editors. */
export const pipelineSchema = z
  .strictObject(
    {
      name: text("a name of `a-z`, `0-9`, `.`, `_` and `-` such as `medical`", /^[a-z0-9][a-z0-9._-]*$/)
        .max(64, { error: "at most 64 characters long" })
        .meta({ description: "Name of the pipeline and of its folder of results.", examples: ["medical"] }),
      model: modelSchema,
      baseline: word("a precision such as `q8_0`", ["model", "f16", "bf16", "q8_0"]).prefault("model").meta({
        description: "What candidates are held against: the model as it is, or brought to a smaller precision.",
      }),
      "llama-cpp": llamaCppSchema,
      corpus: corpusSchema,
      imatrix: imatrixSchema,
      quantize: quantizeSchema,
      validate: validateSchema,
      select: selectSchema,
      ablation: ablationSchema,
      fit: fitSchema,
      card: cardSchema,
      timeouts: timeoutsSchema,
    },
    { error: "a mapping that begins with `name:`" },
  )
  .meta({
    title: "pipeline",
    description: "Chooses the smallest quant of a model that is shown to stay within a tolerance.",
  });

/** A pipeline file that fits the schema: quantities are numbers, paths still as written. */
export type PipelineFile = z.output<typeof pipelineSchema>;
