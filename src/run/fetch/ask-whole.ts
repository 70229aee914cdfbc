import { fileFailure } from "../../base/failure.ts";
import {
  again,
  contentRange,
  discardBody,
  nextChunk,
  otherFile,
  refusal,
  strongTag,
  type PieceEnd,
  type PieceRequest,
} from "./ask-piece.ts";
import type { Answer } from "./client.ts";

/** What a server says of a file before it is fetched. */
export interface Offer {
  readonly kind: "offer";
  /** bytes */
  readonly size: number;
  readonly etag: string | null;
  readonly ranges: boolean;
}

type WholeRequest = Omit<PieceRequest, "index">;

/** Asks for the first byte: whether there are ranges, only an answer to one tells. */
export const askOffer = async ({
  client,
  url,
  sha256,
  signal,
}: Omit<WholeRequest, "part">): Promise<PieceEnd | Offer> => {
  const answer = await client.get({ url, headers: { range: "bytes=0-0" }, signal });
  if (answer.kind === "none") return again(answer);
  discardBody(answer);
  return otherFile(answer, sha256) ?? offerOf(answer);
};

const offerOf = (answer: Exclude<Answer, { kind: "none" }>): PieceEnd | Offer => {
  const { status, headers, host } = answer;
  const etag = strongTag(headers);
  const said = (size: number | undefined, ranges: boolean): PieceEnd | Offer => {
    if (size !== undefined) return { kind: "offer", size, etag, ranges };
    return { kind: "refused", problem: "bad-answer", why: `comes from ${host} without its length` };
  };
  if (encoded(headers)) return { kind: "refused", problem: "bad-answer", why: `comes compressed from ${host}` };
  if (status === 206) return said(contentRange(headers)?.size, etag !== null);
  if (status === 200) return said(lengthOf(headers["content-length"]), false);
  if (status === 416 && /^bytes \*\/0$/.test(headers["content-range"] ?? "")) return said(0, false);
  return refusal(answer);
};

/** Lengths and digests are those of the file, and not of a packed form of it. */
const encoded = (headers: Readonly<Record<string, string>>): boolean =>
  !["", "identity"].includes(headers["content-encoding"] ?? "");

const lengthOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;

/** Asks for the file as a whole, from a server that has no ranges: after a cut everything comes again. */
export const askWhole = async ({ client, url, part, signal, onBytes }: WholeRequest): Promise<PieceEnd> => {
  const answer = await client.get({ url, signal });
  if (answer.kind === "none") return again(answer);
  if (answer.status !== 200) {
    discardBody(answer);
    return refusal(answer);
  }
  for (const chunks = answer.body[Symbol.asyncIterator](); part.open().length > 0;) {
    const chunk = await nextChunk(chunks, answer.host);
    if ("why" in chunk) return again(chunk);
    if (chunk.bytes === undefined) return { kind: "again", why: `${answer.host} breaks off`, busy: false };
    try {
      await part.append(chunk.bytes);
    } catch (error) {
      discardBody(answer);
      return { kind: "failed", failure: fileFailure(error, part.path, "write") };
    }
    onBytes();
  }
  discardBody(answer);
  return { kind: "done" };
};
