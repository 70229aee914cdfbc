import type { ThinWeight } from "../select/answer.ts";
import { plural } from "./quantity.ts";
import { safe } from "./safe.ts";

/** Experts that are named by number. */
const mostNumbers = 12;

/** `blk.0.ffn_up_exps.weight: experts 1, 2 (2 of 64), at least 0 tokens`. */
export const thinWeight = ({ weight, experts, of, tokens }: ThinWeight): string => {
  if (experts === null) return `${safe(weight)}: ${plural(tokens, "token")}`;
  const shown = experts.slice(0, mostNumbers).join(", ");
  const more = experts.length > mostNumbers ? ", …" : "";
  const name = experts.length === 1 ? "expert" : "experts";
  return `${safe(weight)}: ${name} ${shown}${more} (${experts.length} of ${of}), the least with ${plural(tokens, "token")}`;
};
