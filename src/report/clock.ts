/** Time, as far as views need it; tests pass their own. */
export interface Clock {
  /** ms since the epoch */
  readonly now: () => number;
  /** Calls again and again until the returned function is called. Never keeps the process alive. */
  readonly every: (milliseconds: number, call: () => void) => () => void;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  every: (milliseconds, call) => {
    const timer = setInterval(call, milliseconds).unref();
    return () => clearInterval(timer);
  },
};
