import { closeSync, fstatSync, openSync, readSync, rmSync, statSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import type { Json } from "../base/canonical.ts";
import { isAlive, isElsewhere, type Owner } from "./owner.ts";
import { unseal } from "./seal.ts";

/** What a lock file holds, sealed. */
export interface Holder {
  readonly owner: Owner;
  /** The run that holds it, for messages. */
  readonly run: string;
}

/**
 * How a lock stands. A lock file at `path` names its holder; the file `<path>~<nonce>` names the heir of the holder with
 * that nonce, and so on: the last of the chain has the lock. Usually the chain is one file long, see `lock.ts`.
 */
export type LockState =
  | { readonly state: "free" }
  /** `holder` is undefined for a file that cannot be read yet. */
  | { readonly state: "held"; readonly holder: Holder | undefined }
  /** Nobody has it any more. `chain`: names of its dead holders, the one at `path` first. */
  | { readonly state: "stale"; readonly chain: readonly string[] };

/** One file of a chain. */
interface Member {
  /** The nonce of its owner, which nothing else ever has; of a torn file, what tells it from every other file. */
  readonly id: string;
  readonly holder: Holder | undefined;
  /** Last heartbeat, ms, on the clock of the file system. */
  readonly touched: number;
}

export const lockState = (path: string): LockState => {
  const chain = readChain(path);
  const last = chain.at(-1);
  if (last === undefined) return { state: "free" };
  if (!isStale(path, last)) return { state: "held", holder: last.holder };
  return { state: "stale", chain: chain.map(({ id }) => id) };
};

/** Name of the holder at `path` itself, whatever follows; undefined when there is none. */
export const rootId = (path: string): string | undefined => readMember(path)?.id;

export const heirPath = (path: string, id: string): string => `${path}~${id}`;

const readChain = (path: string): readonly Member[] => {
  const chain: Member[] = [];
  let member = readMember(path);
  while (member !== undefined && chain.every(({ id }) => id !== member?.id)) {
    chain.push(member);
    member = readMember(heirPath(path, member.id));
  }
  return chain;
};

/** Ids of the whole chain. */
export const chainIds = (path: string): readonly string[] => readChain(path).map(({ id }) => id);

/** Longest lock file, bytes; a real one is below 500. */
const longest = 4096;

const readMember = (path: string): Member | undefined => {
  const file = openIfThere(path);
  if (file === undefined) return undefined;
  try {
    const { ino, mtimeMs, mtimeNs } = fstatSync(file, { bigint: true });
    const holder = parseHolder(readText(file));
    return { id: holder?.owner.nonce ?? `torn-${ino}-${mtimeNs}`, holder, touched: Number(mtimeMs) };
  } finally {
    closeSync(file);
  }
};

const openIfThere = (path: string): number | undefined => {
  try {
    return openSync(path, "r");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
};

const readText = (file: number): string => {
  const buffer = Buffer.alloc(longest);
  return buffer.toString("utf8", 0, readSync(file, buffer, 0, longest, 0));
};

/** The nonce becomes part of a file name, so it is looked at even though the seal is whole. */
const parseHolder = (text: string): Holder | undefined => {
  const value = unseal(text.trimEnd()) as { readonly owner?: Partial<Owner>; readonly run?: Json } | null | undefined;
  const { owner, run } = value ?? {};
  if (typeof run !== "string" || typeof owner?.pid !== "number" || typeof owner.startTime !== "string")
    return undefined;
  if (typeof owner.boot !== "string" || typeof owner.host !== "string") return undefined;
  return /^[0-9a-f]{16}$/.test(owner.nonce ?? "") ? { owner: owner as Owner, run } : undefined;
};

/** An owner elsewhere that gave no sign for so long counts as gone, ms: restic waits as long. */
const silence = 30 * 60_000;
/** A lock file appears whole, so a torn one comes from a power loss; ms, to be sure that nobody writes it just now. */
const grace = 5000;

/** On this host a process is looked at, so that a stopped one keeps its lock and a dead one loses it at once. */
const isStale = (path: string, { holder, touched }: Member): boolean => {
  if (holder !== undefined && !isElsewhere(holder.owner)) return !isAlive(holder.owner);
  // A sign from the future says that the clock was set back; it is no reason to wait until then.
  return Math.abs(fileSystemNow(path) - touched) > (holder === undefined ? grace : silence);
};

/** ms; not our own clock, since heartbeats are stamped by the machine that has the disk. */
const fileSystemNow = (path: string): number => {
  const probe = temporaryPath(path, randomBytes(8).toString("hex"));
  try {
    writeFileSync(probe, "");
    return statSync(probe).mtimeMs;
  } finally {
    rmSync(probe, { force: true });
  }
};

export const temporaryPath = (path: string, nonce: string): string => `${path}.${nonce}.tmp`;
