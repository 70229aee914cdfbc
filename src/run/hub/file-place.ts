import { statSync } from "node:fs";
import { basename } from "node:path";
import type { FetchFailed } from "../../base/failure.ts";
import { digest } from "../../base/ids.ts";
import { err, type Result } from "../../base/result.ts";
import { type ByteSource, withFileSource } from "../../llama/byte-source.ts";
import type { FileFlaw } from "../../llama/bytes.ts";
import type { ModelFile } from "../../pipeline/pipeline.ts";
import { httpSource } from "../fetch/http-source.ts";
import { fetchFailed, type Remote } from "../fetch/remote.ts";
import { usualPatience } from "../fetch/patience.ts";
import { openHubClient } from "./client.ts";
import { hubSettings } from "./settings.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** What is wrong with a file's bytes, or why they could not be had. */
export type Trouble = FileFlaw | FetchFailed;

/** One of the files that a model is in, to be read wherever it lies. */
export interface FilePlace {
  readonly name: string;
  /** Where it lies on this machine; null for one that lies elsewhere. */
  readonly path: string | null;
  /** Opens it for as long as `use` runs. */
  readonly read: <T>(use: (source: ByteSource) => Promise<Result<T, FileFlaw>>) => Promise<Result<T, Trouble>>;
}

export const localFile = (name: string, path: string): FilePlace => ({
  name,
  path,
  read: (use) => withFileSource(path, use),
});

/** A model's file: where it was put if it is here already and as long as it should be, else at its server. */
export const placeOfFile = ({ path, fetched }: ModelFile, environment: Environment): FilePlace => {
  const name = basename(path);
  if (fetched === null) return localFile(name, path);
  const { what, url, bytes: size, sha256, target } = fetched;
  const here = [path, target].find((each) => statSync(each, { throwIfNoEntry: false })?.size === size);
  if (here !== undefined) return localFile(name, here);
  return remoteFile(name, { what, url, size, sha256: digest(sha256) }, environment);
};

/** A file at a server that gives ranges: no more of it is fetched than is read. */
export const remoteFile = (
  name: string,
  remote: Remote & { readonly size: number },
  environment: Environment,
): FilePlace => ({
  name,
  path: null,
  read: async (use) => {
    if (hubSettings(environment).offline)
      return err(fetchFailed(remote, "offline", "is not here, and the network must not be used"));
    const client = openHubClient(environment, usualPatience.stall);
    try {
      const patience = { ...usualPatience, tries: 3 };
      const source = httpSource(remote, { client, patience, cancel: new AbortController().signal });
      const read = await use(source);
      const trouble = source.trouble();
      return trouble === undefined ? read : err(trouble);
    } finally {
      await client.close();
    }
  },
});
