import { closeSync, fstatSync, linkSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { Json } from "../base/canonical.ts";
import { heirPath, lockState, rootId, temporaryPath, type Holder } from "./lock-file.ts";
import { identify } from "./owner.ts";
import { seal } from "./seal.ts";

/**
 * A lock that this process has until it releases it. Losing one (after half an hour without a heartbeat, on another
 * host) wastes work and corrupts nothing, because publishing is idempotent.
 */
export interface Lock {
  /** Whether it still is ours. */
  readonly held: () => boolean;
  readonly release: () => void;
}

export interface LockRequest {
  /** The run that asks, for the messages of others. */
  readonly run: string;
  readonly cancel: AbortSignal;
  /** Called when another holder is met, once for each; undefined for one whose file cannot be read. */
  readonly onWait?: (holder: Holder | undefined) => void;
  /** ms between two looks */
  readonly poll?: number;
}

/** Takes a lock, waiting while a living process has it; undefined when the wait was called off. @throws what node:fs throws */
export const takeLock = async (path: string, request: LockRequest): Promise<Lock | undefined> => {
  const { run, cancel, onWait, poll = 250 } = request;
  let met: string | undefined;
  while (!cancel.aborted) {
    const lock = tryLock(path, run);
    if (lock !== undefined) return lock;
    const seen = lockState(path);
    const name = seen.state === "held" ? (seen.holder?.owner.nonce ?? "unreadable") : met;
    if (seen.state === "held" && name !== met) onWait?.(seen.holder);
    met = name;
    // Soon, when it was only a race that was lost.
    await pauseAbout(seen.state === "held" ? poll : 2, cancel);
  }
  return undefined;
};

/** Waits for some ms, not in step with others who wait. */
export const pauseAbout = async (ms: number, cancel: AbortSignal): Promise<void> => {
  await pause(ms * (0.5 + Math.random()), undefined, { signal: cancel }).catch(() => undefined);
};

/** Takes a lock that is free or stale; undefined when it is held, or when another process was faster. */
export const tryLock = (path: string, run: string): Lock | undefined => {
  const seen = lockState(path);
  if (seen.state === "held") return undefined;
  const mine = writeCandidate(path, run);
  let won = false;
  try {
    won = seen.state === "free" ? linked(mine, path) : succeed(path, mine, seen.chain);
  } finally {
    rmSync(mine.temporary, { force: true });
    if (!won) closeSync(mine.file);
  }
  return won ? hold(path, mine) : undefined;
};

interface Candidate {
  readonly nonce: string;
  readonly temporary: string;
  readonly text: string;
  /** Stays open while the lock is held: a heartbeat then goes to our own file, even after we lost the lock. */
  readonly file: number;
}

/** Written under a name of its own and linked into place, so that nobody ever meets half of it. */
const writeCandidate = (path: string, run: string): Candidate => {
  const owner = identify(process.pid);
  const text = seal({ owner, run } satisfies Holder as unknown as Json);
  const temporary = temporaryPath(path, owner.nonce);
  const file = openSync(temporary, "wx", 0o644);
  try {
    writeFileSync(file, text);
    return { nonce: owner.nonce, temporary, text, file };
  } catch (error) {
    closeSync(file);
    rmSync(temporary, { force: true });
    throw error;
  }
};

/** `link` fails where a file is. On NFS it may also say so after it worked, when its answer was lost: the link count tells. */
const linked = ({ temporary, file }: Candidate, target: string): boolean => {
  try {
    linkSync(temporary, target);
    return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    return fstatSync(file).nlink > 1;
  }
};

/**
 * Takes over from the dead. Whoever creates the file of the last one's heir is the one successor, as `link` lets only
 * one; should that one die as well, its own heir follows. It counts only while the first of the chain still stands at
 * `path`: a chain is taken down from there on, so one who saw an older state finds it gone, and steps back. Then the
 * successor moves to `path` itself and removes the rest.
 *
 * Rejected: renaming the stale file away and looking at what was renamed. Between that and putting back the lock of a
 * living holder who had been faster, a third process gets in. And a claim file that others remove when its writer died:
 * of two who see it dead, the slower one removes the claim of the faster.
 */
const succeed = (path: string, mine: Candidate, chain: readonly string[]): boolean => {
  const heir = heirPath(path, chain.at(-1) ?? "");
  if (!linked(mine, heir)) return false;
  let moved = false;
  try {
    if (rootId(path) === chain[0]) renameSync(mine.temporary, path);
    moved = rootId(path) === mine.nonce;
    return moved;
  } finally {
    for (const id of moved ? chain : chain.slice(-1)) rmSync(heirPath(path, id), { force: true });
  }
};

/** ms; others on this host do not need it. */
const heartbeat = 60_000;

const hold = (path: string, { nonce, file, text }: Candidate): Lock => {
  const held = (): boolean => rootId(path) === nonce;
  const beat = setInterval(() => touch(file, text), heartbeat).unref();
  let released = false;
  const release = (): void => {
    if (released) return;
    released = true;
    clearInterval(beat);
    closeSync(file);
    if (held()) rmSync(path, { force: true });
  };
  return { held, release };
};

/** The same bytes again: unlike `utimes` that takes the time from the machine that has the disk. */
const touch = (file: number, text: string): void => {
  try {
    writeSync(file, text, 0);
  } catch {
    // A full or vanished disk will be met, and named, by the work that the lock is held for.
  }
};
