import type { Candidate, DomainResult, GateResult } from "../select/choose.ts";

/** The domain in which a candidate lies nearest to a limit, or furthest beyond one; undefined when nothing was measured. */
export const worstDomain = ({ domains }: Candidate): DomainResult | undefined =>
  domains.toSorted((a, b) => excess(b) - excess(a))[0];

/** The bound that is nearest to its limit or furthest beyond it, as a part of the limit: from 1 on, nothing was shown. */
export const excess = ({ gates }: DomainResult): number => Math.max(...gates.map(gateExcess));

/** Where the measurement itself is noisier than the limit, a bound inside the limit shows nothing. */
const gateExcess = ({ upper, limit, noisy, verdict }: GateResult): number =>
  noisy && verdict !== "PASS" ? Math.max(1, upper / limit) : upper / limit;

/**
 * The units after which the verdict on a domain was clear: the first refusal settles it, a PASS waits for every gate.
 * Units that were measured after that decided nothing.
 */
export const decidedAt = ({ gates }: DomainResult): number => {
  const failed = gates.filter(({ verdict }) => verdict === "FAIL").map(({ look }) => look);
  return failed.length > 0 ? Math.min(...failed) : Math.max(...gates.map(({ look }) => look));
};

/** What the evidence says of one domain alone. */
export const domainVerdict = ({ gates }: DomainResult): GateResult["verdict"] => {
  if (gates.some(({ verdict }) => verdict === "FAIL")) return "FAIL";
  return gates.every(({ verdict }) => verdict === "PASS") ? "PASS" : "UNDECIDED";
};
