import { join } from "node:path";
import type { JsonObject } from "../../base/canonical.ts";
import type { Digest } from "../../base/ids.ts";
import { toolNames } from "../../base/tool.ts";
import { fileDigest, fileStat, unchanged, type FileStat } from "./file-facts.ts";
import { readSealed, writeSealed } from "./sealed.ts";
import type { Recipe } from "./recipe.ts";
import type { Version } from "./version.ts";

/** What a managed build is: `manifest.json` beside its `bin`. */
export interface Manifest {
  readonly schema: 1;
  readonly recipe: Recipe;
  /** Commit of llama.cpp that was built. */
  readonly commit: string;
  /** Version of cmake; not part of the recipe, because it does not reach the bytes. */
  readonly cmake: string;
  readonly files: readonly BuiltFile[];
  readonly version: Version;
  readonly jsonLog: boolean;
}

/** A program of a managed build. */
export interface BuiltFile {
  readonly name: string;
  readonly sha256: Digest;
  /** bytes */
  readonly size: number;
}

const manifestPath = (root: string): string => join(root, "manifest.json");
/** Directory of the tools of a managed build. */
export const binDirectory = (root: string): string => join(root, "bin");

/** Reads the manifest of a build; undefined when there is none or it is damaged. */
export const readManifest = async (root: string): Promise<Manifest | undefined> => {
  const manifest = await readSealed<Manifest>(manifestPath(root));
  return manifest?.schema === 1 ? manifest : undefined;
};

/** Writes the manifest of a build. */
export const writeManifest = (root: string, manifest: Manifest): Promise<void> =>
  writeSealed(manifestPath(root), manifest);

/** Describes the programs of a build that was just made. */
export const describeFiles = (root: string): Promise<readonly BuiltFile[]> =>
  Promise.all(
    toolNames.map(async (name) => {
      const path = join(binDirectory(root), name);
      return { name, sha256: await fileDigest(path), size: Number((await fileStat(path))?.size ?? 0) };
    }),
  );

/**
 * Checks a build's programs against its manifest; undefined when they agree. Bytes are read again only when a stat
 * differs from the one kept in `memo`, which is written when they agree and may be lost at any time.
 */
export const filesTrouble = async (root: string, manifest: Manifest, memo: string): Promise<string | undefined> => {
  const paths = toolNames.map((name) => join(binDirectory(root), name));
  const known = await readSealed<Memo>(memo);
  const expected = expectedJson(manifest);
  const sameFiles = known?.files.map(({ path }) => path).join("\n") === paths.join("\n");
  if (known !== undefined && sameFiles && same(known.expected, expected) && (await unchanged(known.files)))
    return undefined;
  const before = await Promise.all(paths.map(fileStat));
  for (const [index, name] of toolNames.entries()) {
    const wanted = manifest.files.find((file) => file.name === name);
    if (before[index] === undefined || wanted === undefined) return `${name} is missing`;
    if ((await fileDigest(paths[index] ?? "")) !== wanted.sha256) return `${name} is not what was built`;
  }
  const files = before.filter((file) => file !== undefined);
  await writeSealed(memo, { expected, files } satisfies Memo).catch(() => undefined);
  return undefined;
};

interface Memo {
  readonly expected: JsonObject;
  readonly files: readonly FileStat[];
}

const expectedJson = ({ files }: Manifest): JsonObject =>
  Object.fromEntries(files.map(({ name, sha256 }) => [name, sha256]));

const same = (a: JsonObject, b: JsonObject): boolean => JSON.stringify(a) === JSON.stringify(b);
