import { expect, test } from "vitest";
import { schedule, type Job, type JobOutcome, type Slots } from "../../src/run/scheduler.ts";

const job = (id: string, weight = 1): Job => ({ id, needs: [], weight });

/** Jobs that end when they are told to. */
const begin = (
  jobs: readonly Job[],
  slots: number,
): {
  readonly started: string[];
  readonly slotsOf: Map<string, Slots>;
  readonly end: (id: string) => void;
  readonly ended: Promise<void>;
} => {
  const started: string[] = [];
  const slotsOf = new Map<string, Slots>();
  const ends = new Map(jobs.map(({ id }) => [id, Promise.withResolvers<JobOutcome>()]));
  const ended = schedule({
    jobs,
    slots,
    keepGoing: false,
    cancel: new AbortController().signal,
    skip: () => undefined,
    run: ({ id }, own) => {
      started.push(id);
      slotsOf.set(id, own);
      return ends.get(id)?.promise ?? Promise.resolve("failed");
    },
  });
  return { started, slotsOf, ended, end: (id) => ends.get(id)?.resolve("succeeded") };
};

test("a job that only waits leaves its slot to the next one, and takes it back without waiting", async () => {
  const { started, slotsOf, end, ended } = begin([job("a"), job("b"), job("c")], 1);
  expect(started).toEqual(["a"]);
  slotsOf.get("a")?.leave();
  await expect.poll(() => started).toEqual(["a", "b"]);
  slotsOf.get("a")?.enter();
  end("b");
  await Promise.resolve();
  expect(started).toEqual(["a", "b"]);
  end("a");
  await expect.poll(() => started).toEqual(["a", "b", "c"]);
  end("c");
  await ended;
});

test("a job that left its slot and ends gives it back once", async () => {
  const { started, slotsOf, end, ended } = begin([job("a"), job("b"), job("c")], 1);
  slotsOf.get("a")?.leave();
  slotsOf.get("a")?.leave();
  await expect.poll(() => started).toEqual(["a", "b"]);
  end("a");
  await new Promise((resolve) => setImmediate(resolve));
  expect(started).toEqual(["a", "b"]);
  end("b");
  await expect.poll(() => started).toEqual(["a", "b", "c"]);
  end("c");
  await ended;
});

test("while more runs than there are slots, jobs that need none still start", async () => {
  const { started, slotsOf, end, ended } = begin([job("a"), job("b"), { ...job("light", 0), needs: ["b"] }], 1);
  slotsOf.get("a")?.leave();
  await expect.poll(() => started).toEqual(["a", "b"]);
  slotsOf.get("a")?.enter();
  end("b");
  await expect.poll(() => started).toEqual(["a", "b", "light"]);
  end("a");
  end("light");
  await ended;
});
