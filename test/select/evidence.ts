import type { Evidence, Limits } from "../../src/select/verdict.ts";

export const limits: Limits = { lnPplRatio: Math.log1p(0.03), kld: 0.06, confidence: 0.95 };

/** Units whose values are all equal: their bounds are the value itself. */
export const flat = (value: number, units = 16): number[] => Array.from({ length: units }, () => value);

/** A candidate that passes both gates unless told otherwise. */
export const evidence = (type: string, bytes: number, change: Partial<Evidence> = {}): Evidence => ({
  type,
  bytes,
  bpw: 4.5,
  nll: flat(2),
  deltaNll: flat(0.01),
  kld: flat(0.02),
  ...change,
});
