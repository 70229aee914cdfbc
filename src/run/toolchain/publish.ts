import { copyFile, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { err, ok, type Result } from "../../base/result.ts";
import { toolNames } from "../../base/tool.ts";
import { buildFailed, type BuildContext, type BuildFailure } from "./build-step.ts";
import { command } from "./command.ts";
import { binDirectory, describeFiles, writeManifest, type Manifest } from "./manifest.ts";
import { probe } from "./probe.ts";
import type { Recipe } from "./recipe.ts";

/** Copies the tools out of the build tree, runs each, and describes them: a directory ready to be published. */
export const assemble = async (
  recipe: Recipe,
  commit: string,
  context: BuildContext,
): Promise<Result<Manifest, BuildFailure>> => {
  const { tree, result } = context.work;
  await mkdir(binDirectory(result), { recursive: true });
  for (const tool of toolNames) await copyFile(join(tree, "bin", tool), join(binDirectory(result), tool));
  await copyLicences(context.work.source, join(result, "licenses"));
  const said = await probe(binDirectory(result), context.env, 60_000);
  if (!said.ok) return err(buildFailed("check", said.error));
  const { version, lacking, jsonLog } = said.value;
  if (lacking[0] !== undefined) return err(buildFailed("check", lacking.join("; ")));
  const cmake = (await command("cmake", ["--version"], { env: context.env })).stdout.split("\n")[0] ?? "";
  const files = await describeFiles(result);
  const manifest: Manifest = { schema: 1, recipe, commit, cmake, files, version, jsonLog };
  await writeManifest(result, manifest);
  return ok(manifest);
};

/** The licences of llama.cpp and of the code that it carries, each under the name of where it was. */
const copyLicences = async (source: string, target: string): Promise<void> => {
  await mkdir(target, { recursive: true });
  const below = ["licenses", "vendor"];
  const deep = await Promise.all(
    below.map(async (place) => {
      const names = await readdir(join(source, place), { recursive: true }).catch(() => []);
      return names.map((name) => join(place, name));
    }),
  );
  const found = ["LICENSE", ...deep.flat()].filter((name) => basename(name).startsWith("LICENSE"));
  for (const name of found) await copyFile(join(source, name), join(target, name.replaceAll("/", "-")));
};

/** Gives the finished directory its name in one step, when all of it is on the disk. */
export const publish = async (result: string, target: string, discarded: string): Promise<void> => {
  for (const name of await readdir(result, { recursive: true })) await sync(join(result, name));
  await sync(result);
  // What is there failed its check, else it would have been used.
  await rm(discarded, { recursive: true, force: true });
  await rename(target, discarded).catch(() => undefined);
  await rename(result, target);
  await sync(dirname(target));
};

const sync = async (path: string): Promise<void> => {
  const file = await open(path);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
};
