import * as z from "zod";
import { languageCodes, languageHelp } from "./languages.ts";
import { flag, word } from "./leaf.ts";
import { unreadableWays } from "./pipeline.ts";
import { characters } from "./quantity-kinds.ts";
import { byCodeUnit } from "../base/canonical.ts";

const on = (description: string) => flag().prefault(true).meta({ description });

const languageWords = "`any` or a list of language codes such as `[en, sv]`";

const code = z
  .string({ error: "a language code such as `en`" })
  .transform((written, context): string => {
    const lower = written.trim().toLowerCase();
    if (languageCodes.includes(lower)) return lower;
    const sentence = `\`${written}\` is no known language code`;
    context.addIssue({ code: "custom", message: "a language code", params: { sentence, help: languageHelp(written) } });
    return z.NEVER;
  })
  .meta({ enum: [...languageCodes] });

const any = z
  .string()
  .transform((written, context): null => {
    const trimmed = written.trim();
    if (trimmed.toLowerCase() === "any") return null;
    const help = languageCodes.includes(trimmed.toLowerCase()) ? `make it a list: \`[${trimmed}]\`` : undefined;
    context.addIssue({ code: "custom", message: languageWords, params: { help } });
    return z.NEVER;
  })
  .meta({ enum: ["any"] });

const some = z
  .array(code, { error: "a list of language codes" })
  .min(1, { error: "name at least one language, or write `any`" })
  // One order, so that the same languages are the same setting.
  .transform((codes) => [...new Set(codes)].sort(byCodeUnit));

/** What is done to texts before they are used. */
export const hygieneSchema = z
  .strictObject(
    {
      nfc: on("Texts are brought into Unicode's composed form (NFC)."),
      "control-characters": on("Control characters and invisible marks are removed."),
      boilerplate: on("Lines repeated in many documents of a source are removed."),
      "min-length": characters("64", 0)
        .prefault(64)
        .meta({ description: "Shorter documents are dropped, characters." }),
      "max-length": characters("4M", 1)
        .prefault("4M")
        .meta({ description: "Longer documents are dropped, characters; at most 64M." }),
      languages: z
        .union([any, some], { error: languageWords })
        .prefault("any")
        .meta({ description: "`any`, or ISO 639-1 codes: documents in another language are dropped." }),
      duplicates: on("Exact duplicates are dropped; case, white space and punctuation do not count."),
      "near-duplicates": on(
        "Documents with a Jaccard similarity of 0.8 or more over shingles of 5 words count as one.",
      ),
      secrets: on("Keys, e-mail addresses, phone and card numbers are replaced by others of the same shape."),
      unreadable: word("a way such as `skip`", unreadableWays)
        .prefault("refuse")
        .meta({ description: "A file that is no text ends the run (`refuse`), or is dropped and counted (`skip`)." }),
    },
    { error: "a mapping such as `{ min-length: 64 }`" },
  )
  .prefault({})
  .meta({ description: "What is done to every text, and what is dropped." });
