import { matrixNames } from "../base/matrix-names.ts";
import { anyOf, fits, listOf, nothing, number, oneOf, pattern, recordOf, text } from "./shape.ts";

const matrix = oneOf(...matrixNames);
const type = pattern(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/);
const difference = fits({
  mean: number,
  lower: number,
  upper: number,
  verdict: oneOf("helped", "hurt", "unclear", "same"),
});

/** The part of an answer on importance matrices that were compared. */
export const ablationShape = fits({
  errorRate: number,
  intervals: number,
  units: number,
  sources: recordOf(listOf(text), matrix),
  unmade: listOf(fits({ matrix, type: anyOf(nothing, type), why: oneOf("needs-matrix", "no-text") })),
  builds: listOf(
    fits({
      type,
      matrix,
      bpw: number,
      domains: listOf(
        fits({
          domain: text,
          lnPplRatio: number,
          kld: number,
          losses: fits({ lnPplRatio: listOf(number), kld: listOf(number) }),
        }),
      ),
    }),
  ),
  comparisons: listOf(fits({ type, domain: text, matrix, against: matrix, kld: difference, lnPplRatio: difference })),
});
