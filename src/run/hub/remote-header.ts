import { existsSync } from "node:fs";
import { err, ok, type Result } from "../../base/result.ts";
import { digest } from "../../base/ids.ts";
import { flaw, type FileFlaw, type OpenBytes } from "../../llama/bytes.ts";
import { readGguf, readWhole, type Gguf } from "../../llama/gguf.ts";
import { join } from "../../llama/parts.ts";
import type { FetchedFile, ModelFile, ModelSource } from "../../pipeline/pipeline.ts";
import type { Client } from "../fetch/client.ts";
import { httpSource, type HttpSource } from "../fetch/http-source.ts";
import { usualPatience } from "../fetch/patience.ts";
import { openHubClient } from "./client.ts";
import { hubSettings } from "./settings.ts";
import { fetchFailed } from "../fetch/remote.ts";

/** Asked for first, bytes: enough for a vocabulary of 32,000 tokens. */
const firstBytes = 2 ** 20;

/** The largest headers have some ten million bytes. */
const mostBytes = 64 * 2 ** 20;

/** The header of a model, of whose files those that are not here are read only as far as their headers go. */
export const readModelHeader = async (
  { files }: ModelSource,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Result<Gguf>> => {
  const client = openHubClient(environment, usualPatience.stall);
  try {
    const headers: Gguf[] = [];
    for (const file of files) {
      const header = await headerOf(file, client, hubSettings(environment).offline);
      if (!header.ok) return header;
      headers.push(header.value);
    }
    const joined = join(headers);
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
  const read = await readFront(source);
  const trouble = source.trouble();
  if (trouble !== undefined) return err(trouble);
  return read.ok ? read : unusable(what, read.error);
};

/** The reader of headers does not wait for bytes: it is given the front of the file, and twice as much until that is enough. */
const readFront = async (source: HttpSource): Promise<Result<Gguf, FileFlaw>> => {
  let front = new Uint8Array(0);
  for (let wanted = firstBytes; wanted <= mostBytes; wanted *= 2) {
    const end = Math.min(source.size, wanted);
    const more = end > front.length ? await source.read(front.length, end - front.length) : ok(new Uint8Array(0));
    if (!more.ok) return more;
    front = both(front, more.value);
    const { lacking, parsed } = parse(front, source.size);
    if (!lacking || end === source.size) return parsed;
  }
  return flaw(`has a header of more than ${mostBytes} bytes`);
};

const both = (first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> => {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
};

const parse = (front: Uint8Array<ArrayBuffer>, size: number) => {
  let lacking = false;
  const read: OpenBytes["read"] = (offset, length) => {
    lacking ||= offset + length > front.length;
    return lacking ? undefined : front.slice(offset, offset + length);
  };
  const parsed = readWhole({ size, read });
  return { lacking, parsed };
};

const unusable = (file: string, { why }: FileFlaw) =>
  err({ reason: "model-unusable", file, why: `it ${why}` } as const);
