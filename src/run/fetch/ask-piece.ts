import { fileFailure, type Failure } from "../../base/failure.ts";
import { networkTrouble, type Answer, type Client } from "./client.ts";
import type { Part } from "./part.ts";
import { retryAfter } from "./patience.ts";

/** How one request for a piece ended. */
export type PieceEnd =
  /** All of it has arrived. */
  | { readonly kind: "done" }
  /** Something broke off, or the server has no time: worth another try. `wait` is the server's wish, ms. */
  | { readonly kind: "again"; readonly why: string; readonly busy: boolean; readonly wait?: number }
  /** The server has another file by now, or gives no ranges of it. */
  | { readonly kind: "changed" }
  | { readonly kind: "no-ranges" }
  /** Not worth another try. */
  | {
      readonly kind: "refused";
      readonly problem: "not-found" | "not-allowed" | "bad-answer" | "wrong-content";
      readonly why: string;
    }
  /** Our own disk. */
  | { readonly kind: "failed"; readonly failure: Failure };

/** The answer to a request for a file or a part of it, sorted by what can be done about it. */
export const refusal = (answer: Exclude<Answer, { kind: "none" }>): PieceEnd => {
  const { status, headers, host, elsewhere } = answer;
  const wait = retryAfter(headers["retry-after"], Date.now());
  // An address that was signed for a while is asked for anew.
  const expired = elsewhere && [400, 401, 403, 404, 410].includes(status);
  if (expired || status === 408 || status === 429 || status >= 500)
    return { kind: "again", why: `${host} answers ${status}`, busy: !expired, ...(wait === undefined ? {} : { wait }) };
  if (status === 401 || status === 403)
    return { kind: "refused", problem: "not-allowed", why: `is not given to us by ${host} (${status})` };
  if (status === 404 || status === 410)
    return { kind: "refused", problem: "not-found", why: `is not there: ${host} answers ${status}` };
  return { kind: "refused", problem: "bad-answer", why: `was asked of ${host}, which answers ${status}` };
};

/** A tag that names exactly these bytes; a weak one, or none, cannot be resumed by. */
export const strongTag = (headers: Readonly<Record<string, string>>): string | null => {
  const tag = headers["etag"];
  return tag !== undefined && /^"[^"]*"$/.test(tag) ? tag : null;
};

export interface PieceRequest {
  readonly client: Client;
  readonly url: string;
  /** SHA-256 that the file must have; null where nobody knows. */
  readonly sha256: string | null;
  readonly part: Part;
  readonly index: number;
  readonly signal: AbortSignal;
  readonly onBytes: () => void;
}

/** Asks for what a piece lacks and writes what comes. What has arrived counts, however it ends. */
export const askPiece = async ({
  client,
  url,
  sha256,
  part,
  index,
  signal,
  onBytes,
}: PieceRequest): Promise<PieceEnd> => {
  const { from, to } = part.lack(index);
  const headers = { range: `bytes=${from}-${to - 1}`, ...(part.etag === null ? {} : { "if-range": part.etag }) };
  const answer = await client.get({ url, headers, signal });
  if (answer.kind === "none") return again(answer);
  const wrong = otherFile(answer, sha256) ?? wrongRange(answer, part, from);
  if (wrong !== undefined) {
    discardBody(answer);
    return wrong;
  }
  return writeBody(answer, part, index, to, onBytes);
};

export const again = ({ why, final }: { readonly why: string; readonly final: boolean }): PieceEnd =>
  final
    ? { kind: "refused", problem: "bad-answer", why: `cannot be had: ${why}` }
    : { kind: "again", why, busy: false };

/** Nothing of it is of use: the connection is closed, for the rest may be gigabytes. */
export const discardBody = ({ body }: Exclude<Answer, { kind: "none" }>): void => {
  body.on("error", () => undefined).destroy();
};

/** The Hub says beforehand what it sends on to. */
export const otherFile = (
  { linked }: Exclude<Answer, { kind: "none" }>,
  sha256: string | null,
): PieceEnd | undefined =>
  linked === undefined || sha256 === null || linked === sha256
    ? undefined
    : {
        kind: "refused",
        problem: "wrong-content",
        why: `is another file at the server: SHA-256 ${linked}, not ${sha256}`,
      };

const wrongRange = (answer: Exclude<Answer, { kind: "none" }>, part: Part, from: number): PieceEnd | undefined => {
  const { status, headers, host } = answer;
  const tag = strongTag(headers);
  const changed = part.etag !== null && tag !== null && tag !== part.etag;
  if (status === 200) return { kind: changed ? "changed" : "no-ranges" };
  if (status === 416)
    return { kind: "refused", problem: "wrong-content", why: `is shorter at ${host} than it should be` };
  if (status !== 206) return refusal(answer);
  if (changed) return { kind: "changed" };
  const range = contentRange(headers);
  if (range === undefined || range.from !== from)
    return { kind: "refused", problem: "bad-answer", why: `comes from ${host} in other parts than were asked for` };
  if (range.size === part.size) return undefined;
  const why = `has ${range.size} bytes at ${host}, not ${part.size}`;
  return { kind: "refused", problem: "wrong-content", why };
};

/** `bytes 0-99/1000`; undefined for anything else, also for a size that is not told. */
export const contentRange = (
  headers: Readonly<Record<string, string>>,
): { readonly from: number; readonly size: number } | undefined => {
  const [, from, size] = /^bytes (\d{1,15})-\d{1,15}\/(\d{1,15})$/.exec(headers["content-range"] ?? "") ?? [];
  return from === undefined || size === undefined ? undefined : { from: Number(from), size: Number(size) };
};

const writeBody = async (
  answer: Exclude<Answer, { kind: "none" }>,
  part: Part,
  index: number,
  to: number,
  onBytes: () => void,
): Promise<PieceEnd> => {
  const { body, host } = answer;
  for (const chunks = body[Symbol.asyncIterator](); ;) {
    const chunk = await nextChunk(chunks, host);
    if ("why" in chunk) return again(chunk);
    const { from } = part.lack(index);
    if (chunk.bytes === undefined) return { kind: "again", why: `${host} breaks off`, busy: false };
    try {
      await part.add(index, chunk.bytes.subarray(0, to - from));
    } catch (error) {
      discardBody(answer);
      return { kind: "failed", failure: fileFailure(error, part.path, "write") };
    }
    onBytes();
    if (from + chunk.bytes.length < to) continue;
    // The end that should follow is not waited for; and what comes beyond it is none of ours.
    discardBody(answer);
    return { kind: "done" };
  }
};

type Chunk = { readonly bytes: Uint8Array | undefined } | { readonly why: string; readonly final: boolean };

/** Only what the network throws is trouble. */
export const nextChunk = async (chunks: AsyncIterator<unknown>, host: string): Promise<Chunk> => {
  try {
    const next = await chunks.next();
    return { bytes: next.done === true ? undefined : (next.value as Uint8Array) };
  } catch (error) {
    return networkTrouble(error, host);
  }
};
