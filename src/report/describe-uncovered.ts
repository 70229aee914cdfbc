import type { ImatrixUncovered } from "../base/failure.ts";
import type { FailureText } from "./describe-failure.ts";
import { formatCount, formatShare, plural } from "./quantity.ts";
import { thinWeight } from "./thin-weight.ts";

/** Weights that are named; a model may have hundreds. */
const mostNamed = 8;

export const describeUncovered = ({ minTokens, allowed, weights, topUp }: ImatrixUncovered): FailureText => {
  const rest = weights.length > mostNamed ? [`  and ${formatCount(weights.length - mostNamed)} more`] : [];
  const added =
    topUp === undefined ? [] : [`The sources gave ${plural(topUp, "chunk")} more, and have no more to give.`];
  return {
    headline: `too little calibration text reached ${plural(weights.length, "weight")}: less than ${plural(minTokens, "token")}`,
    details: [
      `Of the experts of a weight, ${allowed === 0 ? "none" : formatShare(allowed)} may have less. Here:`,
      ...weights.slice(0, mostNamed).map((weight) => `  ${thinWeight(weight)}`),
      ...rest,
      ...added,
    ],
    help:
      "Add sources that reach them (`imatrix.coverage.top-up` draws more text), ask for less (`min-tokens`, `experts`), " +
      "or give these weights a type that needs no matrix (`pin: Q8_0`).",
  };
};
