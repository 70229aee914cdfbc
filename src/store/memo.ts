import { closeSync, openSync, readFileSync, readSync, statSync, writeFileSync, type BigIntStats } from "node:fs";
import { open } from "node:fs/promises";
import { createHash } from "node:crypto";
import type { Json } from "../base/canonical.ts";
import { digest, type Digest } from "../base/ids.ts";
import { quietly } from "./quietly.ts";
import { sealedAppender, unsealLines } from "./seal.ts";

/**
 * Digests of files by their stat (dev, ino, size, mtime, ctime in ns), so that an unchanged file is never read twice.
 * ctime is in, because an edit that restores the mtime shows nowhere else. Losing the memo costs time only.
 */
export interface Memo {
  /** SHA-256 of a file's bytes; reads them only when the stat is new. @throws what node:fs throws */
  readonly digestFile: (path: string) => Digest;
  /**
   * Reads a file ahead of `digestFile` without blocking, when its stat is new; gives up when `cancel` aborts.
   * @param onBytes called with the number of bytes after each piece that was read
   */
  readonly readAhead: (path: string, cancel: AbortSignal, onBytes?: (bytes: number) => void) => Promise<void>;
  /** Bytes that must be read to know the file's digest: all of them, or none. @throws what node:fs throws */
  readonly bytesToRead: (path: string) => number;
  /** Notes the digest of a file that we made ourselves and that nobody else writes. */
  readonly stamp: (path: string, known: Digest) => void;
  /** Bytes read for hashing so far. */
  readonly hashedBytes: () => number;
}

export interface MemoOptions {
  /** Nothing is written: what is noted is known to this process only. */
  readonly readOnly?: boolean;
  /**
   * Files whose stat tells nothing, as on network file systems with coarse or wrong times: each is read once by this
   * process, whatever is noted of it.
   */
  readonly distrusted?: (path: string) => boolean;
}

interface Entry {
  readonly digest: Digest;
  /** False while the file was so young that a later edit could have left the same stat. */
  readonly settled: boolean;
}

/** A file younger than this when it was hashed may change again within one tick of a coarse clock. */
const racyNs = 2_000_000_000n;

export const openMemo = (path: string, { readOnly = false, distrusted = () => false }: MemoOptions = {}): Memo => {
  const entries = load(path);
  const append = readOnly ? () => undefined : sealedAppender(path);
  // Where no file can be written there is only the own clock to ask.
  const now = readOnly ? () => BigInt(Date.now()) * 1_000_000n : clockOf(path);
  let hashed = 0;
  /** What this process has noted itself. */
  const own = new Set<string>();
  const noted = (file: string, stat: BigIntStats): Digest | undefined => {
    const entry = entries.get(statKey(stat));
    return entry?.settled === true && (own.has(statKey(stat)) || !distrusted(file)) ? entry.digest : undefined;
  };
  /** Read ahead in this process and not asked for yet. */
  const ahead = new Map<string, Digest>();
  const note = (stat: BigIntStats, known: Digest, settled: boolean): void => {
    entries.set(statKey(stat), { digest: known, settled });
    own.add(statKey(stat));
    // A memo that cannot be written costs time only; it must not make a good file look unreadable.
    quietly(() => append({ stat: statKey(stat), digest: known, settled }));
  };
  const digestFile = (file: string): Digest => {
    const before = statSync(file, { bigint: true });
    const remembered = noted(file, before);
    if (remembered !== undefined) return remembered;
    const known = ahead.get(statKey(before));
    ahead.delete(statKey(before));
    const found = known ?? hashFile(file);
    if (known === undefined) hashed += Number(before.size);
    const after = statSync(file, { bigint: true });
    if (statKey(before) === statKey(after)) note(after, found, isSettled(after, now()));
    return found;
  };
  const readAhead = async (file: string, cancel: AbortSignal, onBytes?: (bytes: number) => void): Promise<void> => {
    const stat = statSync(file, { bigint: true });
    if (noted(file, stat) !== undefined) return;
    // To open, read and close without blocking takes ten times as long as reading a small file, and there may be very many.
    const small = stat.size <= BigInt(blockSize);
    const found = small ? hashFile(file) : await hashFileAhead(file, cancel, onBytes);
    if (found === undefined) return;
    if (small) onBytes?.(Number(stat.size));
    hashed += Number(stat.size);
    if (statKey(statSync(file, { bigint: true })) === statKey(stat)) ahead.set(statKey(stat), found);
  };
  const bytesToRead = (file: string): number => {
    const stat = statSync(file, { bigint: true });
    return noted(file, stat) === undefined ? Number(stat.size) : 0;
  };
  const stamp = (file: string, known: Digest): void => note(statSync(file, { bigint: true }), known, true);
  return { digestFile, readAhead, bytesToRead, stamp, hashedBytes: () => hashed };
};

const load = (path: string): Map<string, Entry> => {
  const entries = new Map<string, Entry>();
  for (const line of unsealLines(readOrEmpty(path))) {
    const entry = parseEntry(line);
    if (entry !== undefined) entries.set(entry.stat, entry);
  }
  return entries;
};

const readOrEmpty = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
};

const parseEntry = (line: Json): (Entry & { stat: string }) | undefined => {
  if (line === null || typeof line !== "object") return undefined;
  const { stat, digest: text, settled } = line as Record<string, Json>;
  if (typeof stat !== "string" || typeof text !== "string" || !/^[0-9a-f]{64}$/.test(text)) return undefined;
  return { stat, digest: digest(text), settled: settled === true };
};

const statKey = (stat: BigIntStats): string =>
  [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].map(String).join(" ");

/** The time on the file system's own clock, so that a skewed local clock does not matter; 0 when it cannot be had. */
const fileSystemNow = (memo: string): bigint => {
  const probe = `${memo}.clock`;
  let now = 0n;
  quietly(() => {
    writeFileSync(probe, "x");
    now = statSync(probe, { bigint: true }).mtimeNs;
  });
  return now;
};

/** The same, asked for at most ten times a second: a time that lies behind only makes a file count as young for longer. */
const clockOf = (memo: string): (() => bigint) => {
  let [now, since] = [0n, -Infinity];
  return () => {
    if (performance.now() - since > 100) [now, since] = [fileSystemNow(memo), performance.now()];
    return now;
  };
};

const isSettled = (stat: BigIntStats, now: bigint): boolean =>
  stat.mtimeNs + racyNs <= now && stat.ctimeNs + racyNs <= now;

/** Bytes read at a time: Node's 64 KiB streams halve the speed of SHA-256. */
const blockSize = 2 ** 20;

/** One for all, since a new one for each of many small files keeps the garbage collector busy and nobody else. */
const block = Buffer.allocUnsafe(blockSize);

/** The same without blocking; undefined when it was called off. */
const hashFileAhead = async (
  path: string,
  cancel: AbortSignal,
  onBytes?: (bytes: number) => void,
): Promise<Digest | undefined> => {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(blockSize);
  await using file = await open(path, "r");
  for (;;) {
    if (cancel.aborted) return undefined;
    const { bytesRead } = await file.read(buffer);
    if (bytesRead === 0) return digest(hash.digest("hex"));
    hash.update(buffer.subarray(0, bytesRead));
    onBytes?.(bytesRead);
  }
};

const hashFile = (path: string): Digest => {
  const hash = createHash("sha256");
  const file = openSync(path, "r");
  try {
    for (let read = readSync(file, block); read > 0; read = readSync(file, block)) hash.update(block.subarray(0, read));
  } finally {
    closeSync(file);
  }
  return digest(hash.digest("hex"));
};
