import type { NumericClass } from "../../base/tool.ts";
import { loadOnlyArgv } from "../../llama/load-only.ts";
import type { MemorySettings } from "../../select/memory/settings.ts";

/**
 * The settings that llama-perplexity loads a model with, when llama-server would get `settings` and so long a context: one
 * sequence, a batch that is no longer than the context, and room for the logits of a whole micro-batch.
 */
export const loadedSettings = (
  settings: MemorySettings,
  context: number,
  backend: NumericClass["backend"],
): MemorySettings => {
  const batch = Math.min(context, settings.batch);
  const microBatch = Math.min(batch, settings.microBatch);
  const device = backend === "cpu" ? "none" : backend === "cuda" ? "cuda" : "other";
  return { ...settings, context, batch, microBatch, sequences: 1, logits: "all", device };
};

/** argv for that; names are relative to the working directory. */
export const loadArgv = (
  { model, text, jsonLog }: { readonly model: string; readonly text: string; readonly jsonLog: boolean },
  { context, batch, microBatch, typeK, device }: MemorySettings,
): string[] => {
  const gpuLayers = device === "none" ? 0 : "all";
  return loadOnlyArgv({ model, text, context, batch, microBatch, cache: typeK, gpuLayers, jsonLog });
};
