import type { Clock } from "../../src/report/clock.ts";
import type { Output } from "../../src/report/output.ts";

/** An output that keeps what is written. */
export const fakeOutput = (options: Partial<Output> = {}): Output & { readonly text: () => string } => {
  const written: string[] = [];
  return {
    isTTY: false,
    columns: 80,
    color: false,
    ...options,
    write: (text) => void written.push(text),
    text: () => written.join(""),
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
