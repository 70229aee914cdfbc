import { spawnSync } from "node:child_process";
import type { MemorySettings } from "../../src/select/memory/settings.ts";

/** What llama.cpp allocates for one configuration, bytes; `gpu` is the server's side. */
export interface Measured {
  /** As llama.cpp rounds it. */
  readonly context: number;
  readonly perSequence: number;
  readonly weights: Sides;
  /** Cache and state together. */
  readonly cache: Sides;
  readonly compute: Sides;
}

interface Sides {
  readonly gpu: number;
  readonly cpu: number;
}

interface Line {
  readonly error?: string;
  readonly n_ctx: number;
  readonly n_ctx_seq: number;
  readonly buffers: readonly BufferLine[];
}

interface BufferLine extends Record<"model" | "context" | "compute", number> {
  readonly name: string;
}

/** Asks `memory-probe.cpp` about one model, in one process; undefined for a configuration that llama.cpp refuses. */
export const measure = (
  probe: string,
  model: string,
  address: string,
  settings: readonly MemorySettings[],
): readonly (Measured | undefined)[] => {
  const input = settings.map(lineOf).join("\n");
  const { stdout, status } = spawnSync(probe, [model, address], { input, encoding: "utf8", maxBuffer: 1e8 });
  const lines = stdout.split("\n").filter((line) => line !== "");
  if (status !== 0 || lines.length !== settings.length)
    throw new Error(`the probe ended with ${status} after ${lines.length} of ${settings.length} lines for ${model}`);
  return lines.map((line) => measured(JSON.parse(line) as Line));
};

const lineOf = (settings: MemorySettings): string => {
  const { context, batch, microBatch, sequences, unified, typeK, typeV, flashAttention, fullWindow } = settings;
  const layers = settings.gpuLayers === "all" ? -1 : settings.gpuLayers;
  const outputs = settings.logits === "all" ? 0 : sequences;
  const numbers = [
    context,
    batch,
    microBatch,
    sequences,
    outputs,
    ...[flashAttention, unified, fullWindow].map(Number),
  ];
  return [...numbers, layers, typeK, typeV].join(" ");
};

const measured = ({ error, n_ctx, n_ctx_seq, buffers }: Line): Measured | undefined => {
  if (error !== undefined) return undefined;
  const sides = (part: "model" | "context" | "compute"): Sides => {
    const sum = (gpu: boolean): number =>
      buffers.filter(({ name }) => name.startsWith("RPC") === gpu).reduce((total, each) => total + each[part], 0);
    return { gpu: sum(true), cpu: sum(false) };
  };
  return {
    context: n_ctx,
    perSequence: n_ctx_seq,
    weights: sides("model"),
    cache: sides("context"),
    compute: sides("compute"),
  };
};
