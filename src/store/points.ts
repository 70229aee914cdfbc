import { channel } from "node:diagnostics_channel";

/**
 * The instants between which a crash leaves different things on disk, in the order of one step. Tests subscribe to the
 * channel `pipeline:store` and end the process at each of them; nobody else does, so a point costs one comparison.
 */
export const runPoints = [
  "scratch-made",
  "tool-finished",
  "output-hashed",
  "output-synced",
  "output-published",
  "record-written",
  "latest-written",
  "journal-published",
  "scratch-removed",
  "results-linked",
  "run-ended",
] as const;

/** Passed when a store is brought below its limit. */
export const collectionPoints = ["records-trashed", "records-collected", "object-trashed"] as const;

export const crashPoints = [...runPoints, ...collectionPoints] as const;
export type CrashPoint = (typeof crashPoints)[number];

const points = channel("pipeline:store");

export const crashPoint = (name: CrashPoint, detail: string): void => {
  if (points.hasSubscribers) points.publish({ name, detail });
};
