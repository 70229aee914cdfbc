/**
 * Importance matrices that an ablation compares. `none`: quantized without one. `general`: of the sources outside of the
 * gated domains; `domain`: of those of the gated domains; `mixed`: the pipeline's own.
 */
export const matrixNames = ["none", "general", "domain", "mixed"] as const;
export type MatrixName = (typeof matrixNames)[number];
