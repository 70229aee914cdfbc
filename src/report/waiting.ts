import type { Waiting } from "../base/event.ts";
import { safe } from "./safe.ts";

/** What a step waits for: `waiting for process 4711 on build-3 (run 2026-…), which makes it`. */
export const waitingWords = ({ reason, holder }: Waiting): string => {
  const run = holder === undefined || holder.run === "" ? "" : ` (run ${safe(holder.run)})`;
  const who = holder === undefined ? "another process" : `process ${holder.pid} on ${safe(holder.host)}${run}`;
  return `waiting for ${who}, which ${deeds[reason]}`;
};

const deeds: Readonly<Record<Waiting["reason"], string>> = {
  step: "makes it",
  threads: "uses the processor",
  memory: "uses the memory",
  gpu: "uses the GPU",
};
