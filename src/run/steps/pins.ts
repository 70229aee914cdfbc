import { pinBits, quantType, usesImatrix } from "../../pipeline/types.ts";
import type { QuantizeRequest } from "../../llama/quantize.ts";
import type { Pins } from "./imatrix-info.ts";
import { readJson } from "./read-json.ts";
import type { StepContext } from "./step.ts";

/**
 * Weights that get a type of their own in a quant of this type, because too little text reached them. None where the
 * type does not look at the matrix, or has more bits than the pin.
 */
export const pinsFor = (context: StepContext, type: string): Pick<QuantizeRequest, "pins"> => {
  if (!context.inputs.has("coverage/pins") || !usesImatrix(type)) return {};
  const pins = readJson(context, "coverage/pins") as Pins;
  const isSmaller = quantType(type).bpw < pinBits(pins.type);
  return isSmaller && pins.weights.length > 0 ? { pins } : {};
};
