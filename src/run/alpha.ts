import type { DecisionParams } from "../plan/decision-steps.ts";

/** One-sided error rate that all planned decisions on one holdout may spend together: what the confidence leaves. */
export const allowedAlpha = ({ tolerances }: DecisionParams): number =>
  // Confidences have a few digits; 1 − 0.95 in binary has fifteen wrong ones more.
  Number((1 - (tolerances[0]?.confidence ?? 1)).toPrecision(12));

/** That of one decision, where several on the same holdout are planned. */
export const alphaOf = (params: DecisionParams): number =>
  Number((allowedAlpha(params) / (params.plannedReruns + 1)).toPrecision(12));
