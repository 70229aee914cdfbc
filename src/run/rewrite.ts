import { chmodSync, existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { sha256 } from "../base/canonical.ts";
import { fileFailure } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import { writeDurably } from "../store/durable.ts";
import { withRoom } from "./full-disk.ts";

/** A text that belongs beside a report. */
export interface Text {
  readonly file: string;
  readonly text: string;
  readonly executable?: boolean;
  /** One that is there already stays as it is. */
  readonly once?: boolean;
}

/** A file and its digest. */
export interface Sum {
  readonly file: string;
  readonly sha256: string;
}

/**
 * Writes texts beside a report whose bytes they are not yet.
 * @param sums makes the text of SHA256SUMS of the one that is there, empty for none, and the files that are known
 * @returns names of the files that changed
 */
export const rewriteResults = (
  report: string,
  texts: readonly Text[],
  sums: (old: string, files: readonly Sum[]) => string,
): Result<readonly string[]> => {
  const folder = dirname(report);
  try {
    const settled = texts.map((each) => settle(folder, each));
    const known = [{ file: basename(report), sha256: sha256(readFileSync(report)) }, ...settled.map(sumOf)];
    const listed = { file: "SHA256SUMS", text: sums(readOrNothing(join(folder, "SHA256SUMS")) ?? "", known) };
    return ok([...settled, listed].filter((each) => write(folder, each)).map(({ file }) => file));
  } catch (error) {
    return err(withRoom(fileFailure(error, folder, "write the report in")));
  }
};

const settle = (folder: string, each: Text): Text => {
  const there = each.once === true ? readOrNothing(join(folder, each.file)) : undefined;
  return there === undefined ? each : { ...each, text: there };
};

const sumOf = ({ file, text }: Text): Sum => ({ file, sha256: sha256(text) });

const readOrNothing = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, "utf8") : undefined);

const write = (folder: string, { file, text, executable }: Text): boolean => {
  const path = join(folder, file);
  const same = readOrNothing(path) === text;
  if (!same) writeDurably(path, text);
  if (!same && executable === true) chmodSync(path, 0o755);
  return !same;
};
