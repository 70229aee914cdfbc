import type { Emit } from "../base/event.ts";
import type { Plan } from "../plan/step.ts";
import type { Memo } from "../store/memo.ts";
import type { Session } from "./session.ts";

/** Milliseconds after which signals and the view get their turn. */
const longest = 50;

/** Milliseconds between two words on how far it is; what takes less than the first is not worth one. */
const pause = 1000;

/** Hashes what is not known yet without blocking, so that a signal is heard while a model of 100 GB is read. */
export const readInputs = async (plan: Plan, { memo, cancel, emit }: Session): Promise<void> => {
  const files = inputFiles(plan);
  const watch = watchHashing(
    files.reduce((sum, path) => sum + bytesToRead(memo, path), 0),
    emit,
  );
  let since = performance.now();
  for (const path of files) {
    if (cancel.aborted) return;
    if (performance.now() - since > longest) {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      since = performance.now();
    }
    // A file that cannot be read is the failure of the step that needs it.
    await memo.readAhead(path, cancel, (bytes) => watch.add(path, bytes)).catch(() => undefined);
  }
  watch.end();
};

/** What is fetched has the digest that it must have, or is no input. */
const inputFiles = (plan: Plan): string[] => [
  ...new Set(
    plan.steps.flatMap(({ inputs }) =>
      Object.values(inputs).flatMap((ref) => (ref.from === "file" && ref.fetched === undefined ? [ref.path] : [])),
    ),
  ),
];

const bytesToRead = (memo: Memo, path: string): number => {
  try {
    return memo.bytesToRead(path);
  } catch {
    return 0;
  }
};

interface Watch {
  readonly add: (file: string, bytes: number) => void;
  /** Says that it is done, when anything has been said. */
  readonly end: () => void;
}

/** Tells once a second how far hashing is, over all files. */
const watchHashing = (total: number, emit: Emit): Watch => {
  const began = performance.now();
  let [done, last, told] = [0, began, ""];
  const tell = (file: string): void => {
    last = performance.now();
    told = file;
    const rate = done / ((last - began) / 1000);
    emit({ type: "hashing", file, done, total, rate, eta: Math.max(0, total - done) / rate });
  };
  return {
    add: (file, bytes) => {
      done += bytes;
      if (performance.now() - last >= pause) tell(file);
    },
    end: () => {
      // A file that grew while it was read has more bytes than were counted, one that cannot be read has none.
      if (told !== "")
        emit({
          type: "hashing",
          file: told,
          done: total,
          total,
          rate: done / ((performance.now() - began) / 1000),
          eta: 0,
        });
    },
  };
};
