import { createHash } from "node:crypto";

/** Bytes that a server gives: those of a buffer, or a front with zeros up to a size that no test could keep. */
export interface Content {
  readonly front: Buffer;
  /** bytes */
  readonly size: number;
  /** SHA-256 by which the Hub knows a large file; null: a small one that lies in git itself. */
  readonly oid: string | null;
  /** The object id in git. */
  readonly git: string;
}

export const content = (bytes: Buffer): Content => ({
  front: bytes,
  size: bytes.length,
  oid: createHash("sha256").update(bytes).digest("hex"),
  git: gitId(bytes),
});

/** A small file, which the Hub keeps in git. */
export const smallContent = (text: string): Content => ({ ...content(Buffer.from(text)), oid: null });

/** A file of which only the front is anything; its oid is made up, for nobody reads it to the end. */
export const hollow = (front: Buffer, size: number): Content => ({ ...content(front), size });

export const slice = ({ front, size }: Content, start: number, end: number): Buffer => {
  const bytes = Buffer.alloc(Math.min(end, size) - start);
  if (start < front.length) front.copy(bytes, 0, start, Math.min(end, front.length));
  return bytes;
};

const gitId = (bytes: Buffer): string =>
  createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
