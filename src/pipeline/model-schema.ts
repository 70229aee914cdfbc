import * as z from "zod";
import { meant, path, text } from "./leaf.ts";
import { isHubReference, parseHubReference } from "./model-reference.ts";
import { isMapping } from "./tolerance-form.ts";
import { sha256Digits, webAddress } from "./web-file.ts";

const localPath = path("the path of a GGUF file").refine((written) => !/^https?:/i.test(written), {
  error: "the path of a GGUF file",
  params: { help: "a file of the web needs its digest: `{ url: https://…, sha256: … }`" },
});

const hubName = text("`hf:owner/name/file.gguf`, or `hf:owner/name:F16`")
  .max(512, { error: "at most 512 characters long" })
  .refine((written) => parseHubReference(written) !== undefined, {
    error: "`hf:owner/name/file.gguf`, or `hf:owner/name:F16`",
    params: { help: "a revision stands behind the name: `hf:owner/name@v1.0/file.gguf`" },
  });

const webFile = z.strictObject(
  {
    url: webAddress("https://example.org/model-f16.gguf").meta({ description: "Where the file is." }),
    sha256: sha256Digits().meta({
      description: "Digest of the file: without it nobody could tell whether it is the one that was meant.",
    }),
  },
  { error: "a mapping such as `{ url: https://…, sha256: … }`" },
);

/** A path, a name on the Hub, or an address with a digest. */
export const modelSchema = z
  .union(
    [
      meant((value) => typeof value === "string" && !isHubReference(value), localPath),
      meant((value) => typeof value === "string" && isHubReference(value), hubName),
      meant(isMapping, webFile),
    ],
    { error: "the path of a GGUF file" },
  )
  .meta({
    description:
      "The full-precision model in GGUF: a path relative to this file, `hf:owner/name/file.gguf`, or an address with its digest.",
    examples: ["../models/pocket-f16.gguf", "hf:owner/name/model-f16.gguf"],
  });
