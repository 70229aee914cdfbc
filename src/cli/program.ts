import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { sha256 } from "../base/canonical.ts";
import type { Digest } from "../base/ids.ts";

/**
 * Changes with every change of this program: in what is built, each file names those that it needs by hashes of their content,
 * and so this one's own digest stands for all. Undefined in the sources, whose files say nothing of each other.
 */
export const programDigest = (): Digest | undefined => (known ??= { digest: ownDigest() }).digest;

let known: { readonly digest: Digest | undefined } | undefined;

const ownDigest = (): Digest | undefined => {
  const file = fileURLToPath(import.meta.url);
  return file.endsWith(".ts") ? undefined : sha256(readFileSync(file));
};
