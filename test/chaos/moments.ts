import type { Ended, Running } from "../rig/rig.ts";
import type { Place } from "./place.ts";

/** Milliseconds from the start of an undisturbed run to each of its events and to its end. */
export type Timeline = readonly number[];

export const timelineOf = async (place: Place): Promise<Timeline> => {
  const times: number[] = [];
  const began = performance.now();
  const running = place.start();
  const watched = running.until(() => {
    times.push(performance.now() - began);
    return false;
  });
  // It never fits, so it rejects when the run ends.
  await watched.catch(() => undefined);
  return [...times, performance.now() - began];
};

/**
 * Resolves at a fraction of the run, evenly over its time: counted as events and a rest, so that a machine that is
 * slower now than when the timeline was taken is still met in the same work. Resolves as well when the run ends before.
 */
export const momentOf = async (running: Running, timeline: Timeline, fraction: number): Promise<void> => {
  const at = fraction * (timeline.at(-1) ?? 0);
  const before = timeline.filter((time) => time < at);
  let seen = 0;
  if (before.length > 0) await Promise.race([running.until(() => (seen += 1) === before.length), running.ended]);
  await Promise.race([new Promise((resolve) => setTimeout(resolve, at - (before.at(-1) ?? 0))), running.ended]);
};

/** How a run is killed: the orchestrator alone, whose tools then go on, or with every process that it started. */
export type Manner = "alone" | "with its tools";

/** Kills a run at a moment; it may have ended before. */
export const killedAt = async (place: Place, timeline: Timeline, fraction: number, manner: Manner): Promise<Ended> => {
  const running = place.start();
  const moment = momentOf(running, timeline, fraction).catch(() => undefined);
  await moment;
  running.kill("SIGKILL");
  if (manner === "with its tools") for (const pid of place.pids()) killQuietly(pid);
  return running.ended;
};

const killQuietly = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
};
