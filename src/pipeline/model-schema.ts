import * as z from "zod";
import { meant, path, text } from "./leaf.ts";
import { isHubReference, parseHubReference } from "./model-reference.ts";
import { isMapping } from "./tolerance-form.ts";

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
    url: text("an address such as `https://example.org/model-f16.gguf`")
      .max(2048, { error: "at most 2048 characters long" })
      .refine(isWebAddress, { error: "an address such as `https://example.org/model-f16.gguf`, without a password" })
      .meta({ description: "Where the file is." }),
    sha256: text("a SHA-256 of 64 digits `0-9a-f`", /^[0-9a-f]{64}$/).meta({
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

/** Plain http is for a machine of one's own: the digest keeps others from changing the file, not from seeing it. */
function isWebAddress(written: string): boolean {
  if (!URL.canParse(written)) return false;
  const { protocol, username, password, hostname } = new URL(written);
  const own = ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
  return (protocol === "https:" || (protocol === "http:" && own)) && username === "" && password === "";
}
