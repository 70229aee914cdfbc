import { basename } from "node:path";
import type { UnusableArgument } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { shardNames } from "../../base/shard-names.ts";
import { isHubReference, parseHubReference } from "../../pipeline/model-reference.ts";
import { shownUrl } from "../fetch/remote.ts";
import { askSize } from "../hub/ask-size.ts";
import { type Environment, type FilePlace, localFile, placeOfFile, remoteFile } from "../hub/file-place.ts";
import { findModel } from "../hub/find-model.ts";

/** A model by one name: a path, `hf:owner/name…` or an address of the web. Of one in several files any part names all. */
export interface ModelPlace {
  /** What is shown: a file's name without its folder. */
  readonly name: string;
  readonly files: readonly FilePlace[];
  /** Where llama-server would read it. */
  readonly path: string;
}

/** Looks up where a model is; what is not on this machine is listed, and nothing of it is read. */
export const placeOf = async (name: string, environment: Environment): Promise<Result<ModelPlace>> => {
  if (isHubReference(name)) return onHub(name, environment);
  return /^https?:\/\//i.test(name) ? onWeb(name, environment) : ok(here(name));
};

const here = (path: string): ModelPlace => ({
  name: basename(path),
  files: shardNames(path).map((each) => localFile(each, each)),
  path,
});

const onHub = async (name: string, environment: Environment): Promise<Result<ModelPlace>> => {
  const reference = parseHubReference(name);
  if (reference === undefined) return err(wrong(`${name} names no model of the Hub: write hf:owner/name/file.gguf`));
  const answer = await findModel(reference, environment);
  if ("failure" in answer) return err(answer.failure);
  if ("wrong" in answer) return err(wrong(`${answer.wrong}: ${answer.help}`.replaceAll("`", "")));
  const { files } = answer.source;
  const path = files[0]?.path ?? name;
  return ok({ name: basename(path), files: files.map((file) => placeOfFile(file, environment)), path });
};

/** Without a digest, which a file that is only looked at does not need. */
const onWeb = async (name: string, environment: Environment): Promise<Result<ModelPlace>> => {
  if (!URL.canParse(name)) return err(wrong(`${name} is no address`));
  const files: FilePlace[] = [];
  for (const url of shardNames(name)) {
    const what = shownUrl(url);
    const size = await askSize({ what, url }, environment);
    if (!size.ok) return size;
    files.push(remoteFile(what, { what, url, size: size.value, sha256: null }, environment));
  }
  const file = basename(new URL(name).pathname) || "model.gguf";
  return ok({ name: file, files, path: file });
};

const wrong = (message: string): UnusableArgument => ({ reason: "unusable-argument", message });
