import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { err, ok, type Result } from "../../base/result.ts";
import { stateOf, thisOwner, type Owner } from "./owner.ts";

/** A lock that is held until it is released. */
export interface Lock {
  /** Whether it still is ours. */
  readonly held: () => Promise<boolean>;
  readonly release: () => Promise<void>;
}

/** How a lock is waited for. */
export interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called at every look while another process has it. */
  readonly onWait?: (owner: Owner) => void | Promise<void>;
  readonly pollMs?: number;
  /** An owner that cannot be looked at counts as gone when it gave no sign of life for so long. */
  readonly silenceMs?: number;
}

const heartbeatMs = 10_000;

/**
 * Takes a lock, waiting while a living process has it. The lock of a dead process is taken over at once; a stopped
 * process keeps its lock. The only expected trouble is that the wait is called off.
 */
export const acquireLock = async (path: string, options: LockOptions = {}): Promise<Result<Lock, "aborted">> => {
  const me = await thisOwner();
  await mkdir(dirname(path), { recursive: true });
  const seen = new Signs(options.silenceMs ?? 120_000);
  for (;;) {
    if (options.signal?.aborted === true) return err("aborted");
    if (await create(path, me)) return ok(hold(path, me));
    const owner = await readOwner(path);
    if (owner === undefined) continue;
    const state = await stateOf(owner, me);
    const gone = state === "dead" || (state === "elsewhere" && (await seen.silent(path, owner)));
    if (gone && (await takeOver(path, owner, me))) return ok(hold(path, me));
    if (!gone) await options.onWait?.(owner);
    await sleep(gone ? 20 : (options.pollMs ?? 500), undefined, { signal: options.signal }).catch(() => undefined);
  }
};

/** Appears with its content or not at all: `link` fails where a file is, and what it makes is complete. */
const create = async (path: string, owner: Owner): Promise<boolean> => {
  const temporary = `${path}.${owner.nonce}`;
  await writeFile(temporary, JSON.stringify(owner));
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
};

const readOwner = async (path: string): Promise<Owner | undefined> => {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Owner;
  } catch {
    // Only a crash of the machine tears a file that is made whole, and no owner outlives that.
    return { pid: 0, started: "", boot: "", host: hostname(), namespace: "", nonce: "torn" };
  }
};

/**
 * Replaces a dead owner. Of several that see it dead only the one that makes the claim file goes on, and it looks
 * again first: else a slow one would remove the lock of the process that was faster.
 */
const takeOver = async (path: string, dead: Owner, me: Owner): Promise<boolean> => {
  const claim = `${path}.claim-${dead.nonce}`;
  if (!(await create(claim, me))) {
    const claimer = await readOwner(claim);
    if (claimer !== undefined && (await stateOf(claimer, me)) === "dead") await rm(claim, { force: true });
    return false;
  }
  try {
    if ((await readOwner(path))?.nonce !== dead.nonce) return false;
    const temporary = `${path}.${me.nonce}`;
    await writeFile(temporary, JSON.stringify(me));
    await rename(temporary, path);
    return true;
  } finally {
    await rm(claim, { force: true });
  }
};

const hold = (path: string, me: Owner): Lock => {
  const held = async (): Promise<boolean> => (await readOwner(path))?.nonce === me.nonce;
  const beat = setInterval(() => {
    const now = new Date();
    void utimes(path, now, now).catch(() => undefined);
  }, heartbeatMs).unref();
  const release = async (): Promise<void> => {
    clearInterval(beat);
    if (await held()) await rm(path, { force: true });
  };
  return { held, release };
};

/** Watches an owner that cannot be looked at, by our own clock: the clocks of two machines differ. */
class Signs {
  readonly #silenceMs: number;
  #last = "";
  #since = 0;

  constructor(silenceMs: number) {
    this.#silenceMs = silenceMs;
  }

  async silent(path: string, owner: Owner): Promise<boolean> {
    const beat = await stat(path).catch(() => undefined);
    const sign = `${owner.nonce} ${beat?.mtimeMs}`;
    if (sign !== this.#last) {
      this.#last = sign;
      this.#since = performance.now();
    }
    return performance.now() - this.#since > this.#silenceMs;
  }
}
