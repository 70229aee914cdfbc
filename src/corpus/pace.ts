import { interruption, type Stopped } from "../base/failure.ts";

/** Milliseconds of computing after which signals and the view get their turn. */
const longest = 50;

/** Keeps a long computation answerable: it tells how far it is, and lets the event loop run now and then. */
export class Pace {
  readonly #cancel: AbortSignal;
  readonly #progress: (done: number, total: number) => void;
  readonly #total: number;
  #done = 0;
  #since = performance.now();

  /** @param total units of work in all, of whatever kind `step` counts */
  constructor(cancel: AbortSignal, total: number, progress: (done: number, total: number) => void) {
    this.#cancel = cancel;
    this.#progress = progress;
    this.#total = total;
  }

  /** Counts work; true when it is time to `rest`. */
  step(work: number): boolean {
    this.#done += work;
    return performance.now() - this.#since > longest;
  }

  /** The interruption when there is one. */
  async rest(): Promise<Stopped | undefined> {
    this.#progress(Math.min(this.#done, this.#total), this.#total);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    this.#since = performance.now();
    return this.#cancel.aborted ? interruption(this.#cancel) : undefined;
  }
}
