import type { Candidate, GateResult } from "../select/choose.ts";
import { worstDomain } from "./worst-domain.ts";

/** The measure and the domain in which a candidate lies nearest to its limit, or furthest beyond it. */
export const worstGate = (candidate: Candidate): { readonly gate: GateResult; readonly domain: string } | undefined => {
  const worst = worstDomain(candidate);
  const gate = worst?.gates.toSorted((a, b) => b.upper / b.limit - a.upper / a.limit)[0];
  return worst === undefined || gate === undefined ? undefined : { gate, domain: worst.domain };
};
