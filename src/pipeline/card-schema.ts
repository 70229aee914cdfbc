import * as z from "zod";
import { phrase, text } from "./leaf.ts";

/** How the Hub names a repository. */
const repository = /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/;
const repositoryWords = "a repository of the Hugging Face Hub such as `owner/model`";

/** Texts of the model card that neither the model nor the run knows. They decide nothing. */
export const cardSchema = z
  .strictObject(
    {
      "base-model": text(repositoryWords, repository)
        .max(200, { error: "at most 200 characters long" })
        .optional()
        .meta({
          description: "The repository of the full-precision model; default: what the model's header says.",
          examples: ["owner/model"],
        }),
      "quantized-by": phrase("the name of a person or an organization")
        .optional()
        .meta({ description: "Who publishes the quants." }),
      license: phrase("the name of a licence such as `apache-2.0`")
        .optional()
        .meta({ description: "Licence of the model; default: what the model's header says." }),
      tags: z
        .array(phrase("a tag such as `medical`"), { error: "a list of tags such as `[medical]`" })
        .max(100, { error: "at most 100 tags" })
        .prefault([])
        .meta({ description: "Tags besides those of the model and of the format." }),
    },
    { error: "a mapping such as `{ quantized-by: owner }`" },
  )
  .prefault({})
  .meta({ description: "What the model card says besides what was measured." });
