import { readdirSync } from "node:fs";
import type { Key, RunId } from "../base/ids.ts";
import type { Layout } from "../store/layout.ts";
import { lockState } from "../store/lock-file.ts";
import { tryLock, type Lock } from "../store/lock.ts";

/**
 * Which runs still read an output that is dropped when nobody needs it (base logits). Each says so with a lock of its
 * own, `<key of the producer>+<run>`; who is done drops the output unless another one is left, and the last one does.
 */
export class Uses {
  readonly #layout: Layout;
  readonly #run: RunId;
  readonly #own = new Map<Key, Lock>();

  constructor(layout: Layout, run: RunId) {
    this.#layout = layout;
    this.#run = run;
  }

  /** To be said before looking whether the output is there: what was there when others looked for users stays. */
  announce(key: Key): void {
    if (this.#own.has(key)) return;
    const lock = tryLock(this.#layout.lock(`${key}+${this.#run}`), this.#run);
    if (lock !== undefined) this.#own.set(key, lock);
  }

  end(key: Key): void {
    this.#own.get(key)?.release();
    this.#own.delete(key);
  }

  endAll(): void {
    for (const key of this.#own.keys()) this.end(key);
  }

  /** Whether a run that lives has announced it. */
  hasUser(key: Key): boolean {
    return readdirSync(this.#layout.locks)
      .filter((name) => name.startsWith(`${key}+`) && !name.includes("~") && !name.endsWith(".tmp"))
      .some((name) => lockState(this.#layout.lock(name)).state === "held");
  }
}
