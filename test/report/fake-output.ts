import type { Clock } from "../../src/report/clock.ts";
import type { Output } from "../../src/report/output.ts";

export interface FakeOutput extends Output {
  readonly text: () => string;
  readonly writes: readonly string[];
  /** Resolves as soon as a text has been written. */
  readonly until: (part: string) => Promise<void>;
}

/** An output that keeps what is written. */
export const fakeOutput = (options: Partial<Output> = {}): FakeOutput => {
  const written: string[] = [];
  const waiting = new Map<string, () => void>();
  const check = (): void => {
    for (const [part, resolve] of waiting) if (written.join("").includes(part)) resolve();
  };
  return {
    isTTY: false,
    columns: 80,
    color: false,
    ...options,
    write: (text) => {
      written.push(text);
      check();
    },
    writes: written,
    text: () => written.join(""),
    until: async (part) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.set(part, resolve);
      check();
      await promise;
    },
  };
};

interface Timer {
  readonly milliseconds: number;
  readonly call: () => void;
  due: number;
}

/** A clock that stands still until it is told otherwise; it starts at 12:03:44 local time. */
export const fakeClock = (): Clock & { readonly advance: (seconds: number) => void; readonly timers: () => number } => {
  let now = new Date(2026, 0, 1, 12, 3, 44).getTime();
  const timers = new Set<Timer>();
  const next = (until: number): Timer | undefined =>
    [...timers].filter(({ due }) => due <= until).sort((a, b) => a.due - b.due)[0];
  return {
    now: () => now,
    every: (milliseconds, call) => {
      const timer = { milliseconds, call, due: now + milliseconds };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance: (seconds) => {
      const until = now + seconds * 1000;
      for (let timer = next(until); timer !== undefined; timer = next(until)) {
        now = timer.due;
        timer.due += timer.milliseconds;
        timer.call();
      }
      now = until;
    },
    timers: () => timers.size,
  };
};
