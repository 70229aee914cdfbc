import { matrixNames } from "../base/matrix-names.ts";
import type { WrittenAblation } from "./ablation-schema.ts";
import type { Ablation } from "./pipeline.ts";
import { quantType, usesImatrix } from "./types.ts";

/**
 * Bits a weight up to which types are compared where the file names none: the types of four bits and less, whose blocks
 * come to five with their scales. Above that nobody has seen that the text matters (docs/ablation.md).
 */
const mostBits = 5;

/** What is compared, with the types filled in. @param ladder types of the pipeline */
export const settledAblation = (
  written: WrittenAblation,
  ladder: readonly string[],
): { readonly ablation?: Ablation } => {
  if (written === undefined) return {};
  const { matrices, types } = "matrices" in written ? written : { matrices: written };
  const few = ladder.filter((type) => usesImatrix(type) && quantType(type).bpw <= mostBits);
  return {
    ablation: {
      matrices: matrixNames.filter((name) => matrices.includes(name)),
      types: types === undefined ? few : ladder.filter((type) => types.includes(type)),
      chosen: types === undefined,
    },
  };
};
