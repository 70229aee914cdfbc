import { ok } from "../../base/result.ts";
import type { FetchFailed } from "../../base/failure.ts";
import type { ByteSource } from "../../llama/byte-source.ts";
import { flaw } from "../../llama/bytes.ts";
import { again, contentRange, discardBody, nextChunk, otherFile, refusal, type PieceEnd } from "./ask-piece.ts";
import type { Client } from "./client.ts";
import { Tries, type Patience } from "./patience.ts";
import { fetchFailed, type Remote } from "./remote.ts";

/** Bytes that lie somewhere else. The flaw of a read is for readers; `trouble` has the failure behind it. */
export interface HttpSource extends ByteSource {
  readonly trouble: () => FetchFailed | undefined;
}

/** A file of a server that gives ranges, as a source for those who read a part of it. */
export const httpSource = (
  remote: Remote & { readonly size: number },
  { client, patience, cancel }: { readonly client: Client; readonly patience: Patience; readonly cancel: AbortSignal },
): HttpSource => {
  let trouble: FetchFailed | undefined;
  const read: HttpSource["read"] = async (offset, length) => {
    const tries = new Tries(patience, cancel);
    for (;;) {
      const end = await readRange(client, remote, offset, length, cancel);
      if (end instanceof Uint8Array) return ok(end);
      if (end.kind === "again" && (await tries.again(0, end.wait))) continue;
      trouble = troubleOf(remote, end);
      return flaw(`cannot be read at byte ${offset}`);
    }
  };
  return { size: remote.size, read, trouble: () => trouble };
};

const readRange = async (
  client: Client,
  { url, size, sha256 }: Remote,
  offset: number,
  length: number,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer> | PieceEnd> => {
  const answer = await client.get({ url, headers: { range: `bytes=${offset}-${offset + length - 1}` }, signal });
  if (answer.kind === "none") return again(answer);
  const other = otherFile(answer, sha256);
  if (other !== undefined) {
    discardBody(answer);
    return other;
  }
  const range = contentRange(answer.headers);
  // The whole file, as long as it should be.
  const { "content-length": sent, "content-encoding": encoding = "identity" } = answer.headers;
  const whole = answer.status === 200 && offset === 0 && Number(sent) === size && encoding === "identity";
  const right = (answer.status === 206 && range?.from === offset && range.size === size) || whole;
  if (!right) {
    discardBody(answer);
    const why = `does not come from ${answer.host} in the parts that were asked for, so that nothing of it can be read by itself`;
    return [200, 206].includes(answer.status) ? { kind: "refused", problem: "bad-answer", why } : refusal(answer);
  }
  const bytes = new Uint8Array(length);
  const chunks = answer.body[Symbol.asyncIterator]();
  for (let done = 0; done < length;) {
    const chunk = await nextChunk(chunks, answer.host);
    if ("why" in chunk) return again(chunk);
    if (chunk.bytes === undefined) return { kind: "again", why: `${answer.host} breaks off`, busy: false };
    const part = chunk.bytes.subarray(0, length - done);
    bytes.set(part, done);
    done += part.length;
  }
  discardBody(answer);
  return bytes;
};

const troubleOf = (remote: Remote, end: PieceEnd): FetchFailed => {
  if (end.kind === "refused") return fetchFailed(remote, end.problem, end.why);
  const why = end.kind === "again" ? end.why : end.kind;
  return fetchFailed(remote, end.kind === "again" && end.busy ? "busy" : "unreachable", `could not be read: ${why}`);
};
