import { hallT, momentsOf, studentT, upperBound } from "./hall.ts";
import type { LookRule } from "./level.ts";

/** PASS: shown to stay below the limit. FAIL: shown, as far as more text is not worth it, to lie above. */
export type GateVerdict = "PASS" | "FAIL" | "UNDECIDED";

/** What one look said. */
export interface Look {
  readonly units: number;
  readonly mean: number;
  /** The smallest limit that the loss would have been shown to stay below at this look. */
  readonly upper: number;
  readonly outcome: GateVerdict;
}

/** One measure of one candidate on one domain, against its limit. */
export interface Judged {
  readonly verdict: GateVerdict;
  /** Looks that were taken, up to the one that decided. */
  readonly looks: readonly Look[];
}

/**
 * Standard errors above the limit from which no more text is spent. It cannot make a bad candidate pass, so it costs none
 * of the error rate (non-binding futility).
 */
const futility = 2;

/**
 * Looks at the units as they come: PASS at the first look where Hall's t lies below minus the critical value, FAIL at the
 * first where plain t lies above 2. What comes after that is not looked at, even where it is there.
 * @param values one number a unit, in the frozen order
 * @param limit not to be reached; on the scale of the values
 */
export const judgeGate = (values: readonly number[], limit: number, rules: readonly LookRule[]): Judged => {
  const looks: Look[] = [];
  for (const rule of rules) {
    if (rule.units > values.length) break;
    const look = lookAt(values.slice(0, rule.units), limit, rule);
    looks.push(look);
    if (look.outcome !== "UNDECIDED") break;
  }
  return { verdict: looks.at(-1)?.outcome ?? "UNDECIDED", looks };
};

const lookAt = (values: readonly number[], limit: number, { units, critical }: LookRule): Look => {
  const moments = momentsOf(values);
  const passed = -hallT(moments, limit) > critical;
  const futile = studentT(moments, limit) > futility;
  return {
    units,
    mean: moments.mean,
    upper: upperBound(moments, critical),
    outcome: passed ? "PASS" : futile ? "FAIL" : "UNDECIDED",
  };
};
