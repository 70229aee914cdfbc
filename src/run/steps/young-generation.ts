import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/**
 * Bytes of both halves of V8's young generation at which it is kept from growing; it may have doubled once more before
 * that is seen.
 */
const large = 16 * 2 ** 20;

/** V8's own factor by which the young generation grows. */
const usual = 2;

/**
 * Keeps V8's young generation from growing, while something runs that lets go of most of what it makes. V8 makes it
 * larger by what has survived so far, which in a long run is much, up to 128 MiB; none of that is needed here. What else
 * there is was rejected: the flag for the most it may have counts only at the start of the process, and that of a worker
 * would put messages between the step and its tools. Of two at once, the first one that ends sets the growth free for
 * both, which costs memory only.
 */
export class YoungGeneration {
  #kept = false;

  /** To be called now and then, as it grows. */
  watch(): void {
    if (this.#kept || youngBytes() < large) return;
    this.#kept = true;
    setGrowth(1);
  }

  [Symbol.dispose](): void {
    if (this.#kept) setGrowth(usual);
  }
}

const youngBytes = (): number =>
  getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space")?.space_size ?? 0;

/** One of the few flags that V8 looks at again later. */
const setGrowth = (factor: number): void => setFlagsFromString(`--semi-space-growth-factor=${factor}`);
