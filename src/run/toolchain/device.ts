import type { NumericClass } from "../../base/tool.ts";

/** An accelerator as `--list-devices` names it. */
export interface Device {
  /** `CUDA0`, `Metal`, `Vulkan1` */
  readonly id: string;
  /** `NVIDIA H200` */
  readonly name: string;
}

/** Reads the output of `--list-devices`: `  CUDA0: NVIDIA H200 (143771 MiB, 143244 MiB free)`. */
export const parseDevices = (output: string): readonly Device[] =>
  [...output.matchAll(/^ {2}(\w+): (.+?)(?: \(\d+ MiB.*\))?$/gm)].flatMap(([, id, name]) =>
    id === undefined || name === undefined ? [] : [{ id, name }],
  );

const backends: readonly (readonly [RegExp, NumericClass["backend"]])[] = [
  [/^CUDA\d*$/, "cuda"],
  [/^(?:Metal|MTL)\d*$/, "metal"],
  [/^Vulkan\d*$/, "vulkan"],
];

/**
 * What the tools compute with on this machine. Devices decide and not the libraries that are there: a CUDA build
 * without a card computes on the processor. A kind of device that is not known makes the backend `unknown`.
 */
export const backendOf = (devices: readonly Device[]): Pick<NumericClass, "backend" | "device"> => {
  // BLAS is listed as a device and is code for the processor.
  const accelerators = devices.filter(({ id }) => id !== "BLAS");
  const first = accelerators[0];
  if (first === undefined) return { backend: "cpu", device: "cpu" };
  const backend = backends.find(([pattern]) => pattern.test(first.id))?.[1] ?? "unknown";
  return { backend, device: accelerators.map(({ name }) => name).join(" + ") };
};
