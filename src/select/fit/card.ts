import type { Device } from "../memory/devices.ts";

/** The memory that a model is to fit into, and how fast that memory is. */
export interface Card {
  /** Id of the device in the table; null where only a size was given. */
  readonly device: string | null;
  /** As it is sold, bytes. */
  readonly vram: number;
  readonly memory: Device["memory"];
  readonly family: "apple" | "other";
  /** Peak, bytes a second; null where no device was named. */
  readonly bandwidth: number | null;
  /** How sure the row of the table is (devices.ts), and where it is from; null without a device. */
  readonly grade: Device["grade"] | null;
  readonly source: string | null;
}

/** A device of the table, a size, or a device of another size than its usual one; undefined without either. */
export const cardOf = (device: Device | undefined, vram: number | undefined): Card | undefined => {
  const bytes = vram ?? device?.vram[0];
  if (bytes === undefined) return undefined;
  return {
    device: device?.id ?? null,
    vram: bytes,
    memory: device?.memory ?? "own",
    family: device?.family === "apple" ? "apple" : "other",
    bandwidth: device?.bandwidth ?? null,
    grade: device?.grade ?? null,
    source: device?.source ?? null,
  };
};

/** What the card's memory is managed by: only CUDA pads tensors and copies quantized caches. */
export const deviceKind = (device: Device | undefined): "cuda" | "other" =>
  device === undefined || device.family === "nvidia" ? "cuda" : "other";
