import { existsSync } from "node:fs";
import { basename } from "node:path";
import { err, type Result } from "../../base/result.ts";
import { digest } from "../../base/ids.ts";
import { readGgufFrom } from "../../llama/byte-source.ts";
import type { FileFlaw } from "../../llama/bytes.ts";
import { checkLength, readGguf, type Gguf } from "../../llama/gguf.ts";
import { joinShards, type NamedHeader } from "../../llama/shards.ts";
import type { FetchedFile, ModelFile, ModelSource } from "../../pipeline/pipeline.ts";
import type { Client } from "../fetch/client.ts";
import { httpSource } from "../fetch/http-source.ts";
import { usualPatience } from "../fetch/patience.ts";
import { openHubClient } from "./client.ts";
import { hubSettings } from "./settings.ts";
import { fetchFailed } from "../fetch/remote.ts";

/** The header of a model, of whose files those that are not here are read only as far as their headers go. */
export const readModelHeader = async (
  { files }: ModelSource,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Result<Gguf>> => {
  const client = openHubClient(environment, usualPatience.stall);
  try {
    const headers: NamedHeader[] = [];
    for (const file of files) {
      const header = await headerOf(file, client, hubSettings(environment).offline);
      if (!header.ok) return header;
      headers.push({ name: basename(file.path), gguf: header.value });
    }
    const joined = joinShards(headers);
    return joined.ok ? joined : unusable(files[0]?.fetched?.what ?? files[0]?.path ?? "", joined.error);
  } finally {
    await client.close();
  }
};

const headerOf = async ({ path, fetched }: ModelFile, client: Client, offline: boolean): Promise<Result<Gguf>> => {
  if (fetched !== null && !existsSync(path) && !existsSync(fetched.target))
    return offline
      ? err(fetchFailed(fetched, "offline", "is not here, and the network must not be used"))
      : remoteHeader(fetched, client);
  const read = readGguf(fetched !== null && existsSync(fetched.target) ? fetched.target : path);
  return read.ok ? read : unusable(fetched?.what ?? path, read.error);
};

const remoteHeader = async ({ what, url, bytes, sha256 }: FetchedFile, client: Client): Promise<Result<Gguf>> => {
  const remote = { what, url, size: bytes, sha256: digest(sha256) };
  const cancel = new AbortController().signal;
  const source = httpSource(remote, { client, patience: { ...usualPatience, tries: 3 }, cancel });
  const read = await readGgufFrom(source);
  const trouble = source.trouble();
  if (trouble !== undefined) return err(trouble);
  const whole = read.ok ? checkLength(read.value, bytes) : read;
  return whole.ok ? whole : unusable(what, whole.error);
};

const unusable = (file: string, { why }: FileFlaw) =>
  err({ reason: "model-unusable", file, why: `it ${why}` } as const);
