import { setTimeout as pause } from "node:timers/promises";

/** How long a transfer tries. */
export interface Patience {
  /** Seconds without a byte after which a connection is given up. */
  readonly stall: number;
  /** Tries in a row in which next to nothing arrives. */
  readonly tries: number;
  /** Before the second try, ms; then twice as long each time. */
  readonly first: number;
  /** Longest wait between two tries, ms. A server that asks for more is too busy for us. */
  readonly longest: number;
}

/** Five minutes is the window over which the Hub counts requests. */
export const usualPatience: Patience = { stall: 60, tries: 6, first: 500, longest: 5 * 60_000 };

/** Bytes. Who gives less than this between two cuts is as good as gone. */
const leastProgress = 2 ** 20;

/** Counts tries, waits between them, and says when it is enough. */
export class Tries {
  readonly #patience: Patience;
  readonly #cancel: AbortSignal;
  #vain = 0;

  constructor(patience: Patience, cancel: AbortSignal) {
    this.#patience = patience;
    this.#cancel = cancel;
  }

  /**
   * After a try that failed: waits for the next one. False when there is none.
   * @param arrived bytes of the last try that are kept
   * @param asked the server's own wish, ms
   */
  async again(arrived: number, asked?: number): Promise<boolean> {
    const { tries, first, longest } = this.#patience;
    this.#vain = arrived >= leastProgress ? 1 : this.#vain + 1;
    if (this.#vain >= tries || (asked ?? 0) > longest || this.#cancel.aborted) return false;
    const wait = Math.max(asked ?? 0, Math.min(longest, first * 2 ** (this.#vain - 1)) * (0.5 + Math.random() / 2));
    await pause(wait, undefined, { signal: this.#cancel }).catch(() => undefined);
    return !this.#cancel.aborted;
  }
}

/** Retry-After in ms: seconds, or a date. Undefined where it is neither. */
export const retryAfter = (header: string | undefined, now: number): number | undefined => {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
};
