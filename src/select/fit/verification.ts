import type { ModelShape } from "../../base/model-shape.ts";
import { type ComponentName, estimateAccepted } from "../memory/estimate.ts";
import type { MemorySettings } from "../memory/settings.ts";

/** Bytes that llama.cpp said it allocated, by what for. Weights, cache, state and compute buffers of one side. */
export type MeasuredBuffers = Readonly<Record<Exclude<ComponentName, "output">, number>>;

/** A prediction held against what llama.cpp allocates. */
export interface Verification {
  /**
   * How it was measured: by loading the file on the GPU or the processor, or with a server on this machine that stands in for
   * a GPU.
   */
  readonly by: "gpu" | "processor" | "stand-in";
  readonly tool: string;
  /** The settings that were loaded; not always those that were asked for. */
  readonly settings: MemorySettings;
  readonly rows: readonly VerifiedRow[];
  /** Whether all together is within the tolerance. */
  readonly within: boolean;
  /** What nvidia-smi counted more while the model was loaded, bytes; null where it is not there. */
  readonly nvidiaSmi: number | null;
}

export interface VerifiedRow {
  readonly name: keyof MeasuredBuffers | "all";
  /** bytes */
  readonly predicted: number;
  readonly measured: number;
}

const mib = 1024 ** 2;

/** Bytes by which a prediction may be off: 1 %, or 2 MiB where that is more. */
export const toleranceOf = (measured: number): number => Math.max(measured / 100, 2 * mib);

/** Holds what settings should take on their side of the memory against what was measured there. */
export const verify = (
  shape: ModelShape,
  settings: MemorySettings,
  measured: MeasuredBuffers,
): Pick<Verification, "rows" | "within"> => {
  const side = settings.device === "none" ? "cpu" : "gpu";
  const { components } = estimateAccepted(shape, settings);
  const rows = (Object.keys(measured) as (keyof MeasuredBuffers)[]).map((name) => ({
    name,
    predicted: components.find((each) => each.name === name)?.[side] ?? 0,
    measured: measured[name],
  }));
  const all = rows.reduce<VerifiedRow>(
    (sum, row) => ({ ...sum, predicted: sum.predicted + row.predicted, measured: sum.measured + row.measured }),
    { name: "all", predicted: 0, measured: 0 },
  );
  const within = Math.abs(all.measured - all.predicted) <= toleranceOf(all.measured);
  return { rows: [...rows.filter((row) => row.predicted + row.measured > 0), all], within };
};
