import { basename, dirname, join, resolve } from "node:path";
import type { Failure } from "../base/failure.ts";
import { shardNames } from "../base/shard-names.ts";
import { noteValue } from "./locate.ts";
import { isHubReference, parseHubReference, type ModelReference } from "./model-reference.ts";
import { modelSchema } from "./model-schema.ts";
import type { ModelSource } from "./pipeline.ts";
import { isThere, type Search } from "./search.ts";

/** What `model` turned out to be. */
export type FoundModel =
  | { readonly source: ModelSource }
  /** It could not be looked up, through no mistake of the file. */
  | { readonly failure: Failure };

/** Looks for the model; undefined where there is none, which is noted. */
export const findModel = async (search: Search): Promise<FoundModel | undefined> => {
  const written = search.ask(modelSchema, ["model"]);
  if (written === undefined) return undefined;
  const reference = referenceOf(written);
  if (reference === undefined) return undefined;
  if (reference.from === "path") return findLocal(search, reference.path);
  const answer = await search.reader.model(reference);
  if ("source" in answer || "failure" in answer) return answer;
  search.notes.push(noteValue(search.sheet, ["model"], answer.wrong, { help: answer.help }));
  return undefined;
};

const referenceOf = (
  written: string | { readonly url: string; readonly sha256: string },
): ModelReference | undefined => {
  if (typeof written !== "string") return { from: "url", ...written };
  return isHubReference(written) ? parseHubReference(written) : { from: "path", path: written };
};

/** One file, or all of those that its name says there are. */
const findLocal = async (search: Search, written: string): Promise<FoundModel | undefined> => {
  if (!(await isThere(search, "file", ["model"], written))) return undefined;
  const names = shardNames(basename(written));
  for (const name of names)
    if (!(await isThere(search, "file", ["model"], join(dirname(written), name)))) return undefined;
  const folder = dirname(resolve(search.folder, written));
  return { source: { files: names.map((name) => ({ path: join(folder, name), fetched: null })), hub: null } };
};
