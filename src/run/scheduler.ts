/** What the scheduler knows of a job: its name, what must have succeeded first, and how much of the machine it takes. */
export interface Job {
  readonly id: string;
  readonly needs: readonly string[];
  /** Slots it occupies while it runs; at most `slots`. */
  readonly weight: number;
}

/** `skipped`: the job itself found that it must not run. `unneeded`: nothing needs it, so nothing is missing without it. */
export type JobOutcome = "succeeded" | "failed" | "skipped" | "unneeded";

/** The slots of a job that runs. One that only waits for another process leaves them, so that others may run meanwhile. */
export interface Slots {
  readonly leave: () => void;
  /**
   * Takes them back at once, even where that is more than there are: waiting here could wait for a job that waits for
   * this one. What the tools take together is bounded by the machine's budget.
   */
  readonly enter: () => void;
}

export interface SchedulerOptions<J extends Job> {
  readonly jobs: readonly J[];
  readonly slots: number;
  /** Goes on with jobs that do not depend on a failed one. */
  readonly keepGoing: boolean;
  /** No job starts after it aborts, */
  readonly cancel: AbortSignal;
  /** nor when this says so: what runs may then still come to its end. */
  readonly closing?: () => boolean;
  /** Never rejects for expected trouble; a rejection is a bug and ends the whole schedule. */
  readonly run: (job: J, slots: Slots) => Promise<JobOutcome>;
  /** Jobs that must have settled, in whatever way, before this one may start; asked again whenever one settles. */
  readonly settledBefore?: (job: J) => readonly string[];
  /** Called once for a job that will not run: `blocker` is the need that failed, undefined when the run stopped. */
  readonly skip: (job: J, blocker: string | undefined) => void;
}

/**
 * Runs jobs in the given order of preference, as needs and slots allow.
 *
 *   waiting ──needs succeeded, slots free──▶ running ──▶ succeeded | failed | unneeded
 *      └── a need failed, or the run stops ──▶ skipped
 *
 * After a failure without `keepGoing`, running jobs finish (their results are kept) and no new one starts.
 * (listr2's own concurrency was rejected: on a failure its waiting tasks never settle.)
 */
export const schedule = async <J extends Job>(options: SchedulerOptions<J>): Promise<void> => {
  const settled = new Map<string, JobOutcome>();
  const running = new Map<string, Promise<void>>();
  let waiting = [...options.jobs];
  let free = options.slots;
  let change = Promise.withResolvers<void>();
  const start = (job: J): void => {
    const slots = slotsOf((taken) => {
      free -= taken * job.weight;
      change.resolve();
    });
    slots.enter();
    const run = async (): Promise<void> => {
      settled.set(job.id, await options.run(job, slots));
      slots.leave();
      running.delete(job.id);
    };
    running.set(job.id, run());
  };
  const stopped = (): boolean =>
    options.cancel.aborted ||
    (!options.keepGoing && [...settled.values()].includes("failed")) ||
    options.closing?.() === true;
  for (;;) {
    change = Promise.withResolvers();
    waiting = waiting.filter((job) => !skipped(job, settled, stopped(), options.skip));
    const ready = waiting.filter((job) => options.settledBefore?.(job).every((id) => settled.has(id)) !== false);
    for (const job of startable(ready, settled, Math.max(0, free))) {
      start(job);
      waiting = waiting.filter((other) => other !== job);
    }
    if (running.size === 0) break;
    await Promise.race([...running.values(), change.promise]);
  }
  if (waiting.length > 0) throw new Error(`Internal error: ${waiting.map(({ id }) => id).join(", ")} can never start`);
};

/** @param take is told 1 when the slots are taken, −1 when they are left; never the same twice in turn */
const slotsOf = (take: (taken: 1 | -1) => void): Slots => {
  let inside = false;
  const go = (to: boolean): void => {
    if (to !== inside) take(to ? 1 : -1);
    inside = to;
  };
  return { enter: () => go(true), leave: () => go(false) };
};

const skipped = <J extends Job>(
  job: J,
  settled: Map<string, JobOutcome>,
  stopped: boolean,
  skip: (job: J, blocker: string | undefined) => void,
): boolean => {
  // Of a run that stopped, only what a failure really blocks names it; the rest was merely not reached.
  const blocking = stopped ? ["failed"] : ["failed", "skipped"];
  const blocker = job.needs.find((need) => blocking.includes(settled.get(need) ?? ""));
  if (blocker === undefined && !stopped) return false;
  settled.set(job.id, "skipped");
  skip(job, blocker);
  return true;
};

/** The jobs that may start now, in order; a light job may pass a heavy one that does not fit yet. */
const startable = <J extends Job>(
  waiting: readonly J[],
  settled: ReadonlyMap<string, JobOutcome>,
  free: number,
): J[] => {
  const chosen: J[] = [];
  let left = free;
  for (const job of waiting) {
    if (job.weight > left || !job.needs.every((need) => isThere(settled.get(need)))) continue;
    chosen.push(job);
    left -= job.weight;
  }
  return chosen;
};

const isThere = (outcome: JobOutcome | undefined): boolean => outcome === "succeeded" || outcome === "unneeded";
