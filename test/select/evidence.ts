import { lookRules } from "../../src/select/level.ts";
import type { Evidence } from "../../src/select/choose.ts";
import type { DomainLimits, Losses, Rules } from "../../src/select/verdict.ts";

/** Limits that a double holds exactly, so that sums of equal values are exact too. */
export const limits: DomainLimits = { domain: "notes", lnPplRatio: 0.5 ** 5, kld: 0.5 ** 4, topLoss: null };

export const rulesFor = (units: number, domains: readonly DomainLimits[] = [limits], alpha = 0.05): Rules => ({
  looks: lookRules(units, alpha),
  domains,
  noise: {},
});

/** Units whose values are all equal. */
export const flat = (value: number, units = 16): number[] => Array.from({ length: units }, () => value);

/** Units of this mean that lie this far to both sides of it. */
export const around = (mean: number, distance: number, units = 16): number[] =>
  Array.from({ length: units }, (_, index) => mean + (index % 2 === 0 ? -distance : distance));

/** Losses that pass unless told otherwise. */
export const losses = (change: Partial<Losses> = {}, units = 16): Losses => ({
  lnPplRatio: flat(0, units),
  kld: flat(0, units),
  topLoss: flat(0, units),
  ...change,
});

/** A candidate that passes unless told otherwise. */
export const evidence = (type: string, bytes: number, change: Partial<Losses> = {}, units = 16): Evidence => ({
  type,
  bytes,
  bpw: 4.5,
  losses: { notes: losses(change, units) },
});
