import type { DeadlineReached, Failure } from "../base/failure.ts";
import type { Plan } from "../plan/step.ts";

/** Time that a command has, from its start to the end of the last tool. */
export interface Deadline {
  readonly failure: DeadlineReached;
  /** Whether so little is left that nothing new is begun. */
  readonly isNear: () => boolean;
  /** Whether `isNear` has ever said yes: then steps were held back, and the run is not finished. */
  readonly turnedAway: () => boolean;
}

/** Seconds before the deadline in which no step begins; of a short one a tenth, so that tests and trials can have one. */
const graceOf = (seconds: number): number => Math.min(10, seconds / 10);

/** setTimeout takes no more than 2^31 - 1 ms and makes a longer time 1 ms. */
const longestTimer = 2 ** 30;

/**
 * Aborts `controller` with the failure when the time is over. The clock is the process's own, which began with it and
 * which nobody sets.
 * @param seconds from the start of the process
 */
export const startDeadline = (seconds: number, controller: AbortController): Deadline => {
  const failure: DeadlineReached = { reason: "deadline", seconds };
  const left = (): number => seconds * 1000 - performance.now();
  const wait = (): void => {
    if (left() <= 0) return controller.abort(failure);
    // What is finished need not wait for it.
    setTimeout(wait, Math.min(Math.ceil(left()), longestTimer)).unref();
  };
  wait();
  let turnedAway = false;
  const isNear = (): boolean => {
    turnedAway ||= left() <= graceOf(seconds) * 1000;
    return turnedAway;
  };
  return { failure, isNear, turnedAway: () => turnedAway };
};

/** Every tool that ran failed by the same deadline: it is told once, with what is done. */
export const tellDeadline = (failures: readonly Failure[], done: number, plan: Plan): Failure[] => {
  const others = failures.filter(({ reason }) => reason !== "deadline");
  const reached = failures.find((failure) => failure.reason === "deadline");
  return reached === undefined ? others : [...others, { ...reached, steps: { done, all: plan.steps.length } }];
};
