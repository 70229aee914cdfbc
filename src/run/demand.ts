import { threadsPlaceholder, type Threads, type Toolchain } from "../base/tool.ts";
import type { Demand } from "./machine.ts";

/**
 * What a tool will take, by its arguments: as many threads as it is told, or one where it is told nothing; and every
 * accelerator that it sees, when it is told how many layers to put there and there is one.
 * @param memory bytes of the main memory (tool-memory.ts)
 */
export const demandOf = (
  { numeric }: Toolchain,
  argv: (threads: Threads) => readonly string[],
  threads: number,
  environment: Readonly<Record<string, string>>,
  memory: number,
): Demand => {
  const asked = argv(threadsPlaceholder);
  const accelerated = numeric.backend !== "cpu" && asked.includes("-ngl");
  return {
    threads: asked.includes(threadsPlaceholder) ? threads : 1,
    memory,
    devices: accelerated ? visibleDevices(environment["CUDA_VISIBLE_DEVICES"], numeric.device) : [],
  };
};

/**
 * Names for locks: what CUDA_VISIBLE_DEVICES lists, else the numbers of the devices that the tools name. A device that is
 * once given by its number and once by its UUID has two names, and two locks.
 */
const visibleDevices = (listed: string | undefined, device: string): string[] => {
  const named = (listed ?? "").split(",").flatMap((name) => (name.trim() === "" ? [] : [name.trim()]));
  const names = named.length > 0 ? named : device.split(" + ").map((_, index) => String(index));
  return names.map((name) => name.replaceAll(/[^A-Za-z0-9-]/g, "_").slice(0, 100));
};
