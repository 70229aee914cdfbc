import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { add, jobsOf, type Cell, type Count, type Job } from "./job.ts";

/** How many decisions of a cell are simulated. */
export interface Planned {
  readonly cell: Cell;
  readonly runs: number;
}

/** Simulates all cells on all cores; counts in the order of the cells. */
export const countAll = async (
  planned: readonly Planned[],
  seed: number,
  told: (done: number, all: number) => void,
): Promise<Count[]> => {
  const jobs = planned.flatMap(({ cell, runs }, index) => jobsOf(cell, runs, seed).map((job) => ({ index, job })));
  const counts = new Map<number, Count>();
  const queue = [...jobs];
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url));
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [count, before] = [await ask(worker, next.job), counts.get(next.index)];
      counts.set(next.index, before === undefined ? count : add(before, count));
      told(jobs.length - queue.length, jobs.length);
    }
    await worker.terminate();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return planned.map((_, index) => counts.get(index)!);
};

const ask = async (worker: Worker, job: Job): Promise<Count> => {
  worker.postMessage(job, []);
  const [count] = (await once(worker, "message")) as [Count];
  return count;
};
