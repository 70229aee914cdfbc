import type { Waiting } from "../base/event.ts";
import type { Key, StepId } from "../base/ids.ts";
import type { Holder } from "../store/lock-file.ts";
import { takeLock, type Lock } from "../store/lock.ts";
import type { Slots } from "./scheduler.ts";
import type { Session } from "./session.ts";

export interface StepLockRequest {
  readonly step: StepId;
  readonly key: Key;
  readonly slots: Slots;
  /** Aborts when the run starts no further step. */
  readonly stop: AbortSignal;
}

/**
 * The lock of an action: of several runs that want it made, one makes it and the others wait, and find it. A run waits for
 * what its steps read while it has the lock of a step, never the other way round, so no two runs wait for each other.
 * @returns undefined when the run was interrupted or stopped. @throws what node:fs throws
 */
export const lockStep = async (
  { layout, run, cancel, emit }: Session,
  { step, key, slots, stop }: StepLockRequest,
): Promise<Lock | undefined> => {
  let waited = false;
  const onWait = (holder: Holder | undefined): void => {
    waited = true;
    slots.leave();
    emit({ type: "waiting", step, reason: "step", ...whoHolds(holder) });
  };
  const lock = await takeLock(layout.lock(key), { run, cancel: AbortSignal.any([cancel, stop]), onWait });
  slots.enter();
  if (waited) emit({ type: "waiting", step, reason: "step", over: true });
  return lock;
};

export const whoHolds = (holder: Holder | undefined): Pick<Waiting, "holder"> =>
  holder === undefined ? {} : { holder: { pid: holder.owner.pid, host: holder.owner.host, run: holder.run } };
