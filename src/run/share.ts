import type { Toolchain } from "../base/tool.ts";
import type { Load } from "./steps/table.ts";

/** What a step takes of the run's slots, and how many threads its tool gets. */
export interface Share {
  readonly slots: number;
  readonly threads: number;
}

/**
 * Each tool takes one of `jobs` slots and its part of the threads. But on a machine without an accelerator a measurement
 * takes all of both: two at once with half the threads each take longer than one after the other, and a quantization
 * beside it takes from the memory bandwidth that it lives on. With one, quantizing and measuring hardly meet.
 * @param threads of the whole run
 */
export const shareOf = (load: Load, { numeric }: Toolchain, jobs: number, threads: number): Share => {
  if (load === "measurement" && numeric.backend === "cpu") return { slots: jobs, threads };
  return { slots: load === "light" ? 0 : 1, threads: Math.max(1, Math.floor(threads / jobs)) };
};
