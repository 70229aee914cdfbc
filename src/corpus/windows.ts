import { mix } from "./mix.ts";

/** How many runs of `length` consecutive words a text has. */
export const countWindows = (words: number, length: number): number => Math.max(0, words - length + 1);

/**
 * Hashes of all runs of `length` consecutive words, each from the one before it: the words' hashes are the digits of a
 * number modulo 2^32, to the base `factor`, which is mixed at the end.
 * @param into has room for `countWindows` of them
 */
export const hashWindows = (
  words: Uint32Array,
  count: number,
  length: number,
  factor: number,
  into: Uint32Array,
): void => {
  if (count < length) return;
  const highest = power(factor, length - 1);
  let hash = 0;
  for (let at = 0; at < length - 1; at += 1) hash = (Math.imul(hash, factor) + (words[at] ?? 0)) | 0;
  for (let at = length - 1; at < count; at += 1) {
    hash = (Math.imul(hash, factor) + (words[at] ?? 0)) | 0;
    const first = at - length + 1;
    into[first] = mix(hash);
    hash = (hash - Math.imul(highest, words[first] ?? 0)) | 0;
  }
};

/** Modulo 2^32 */
const power = (base: number, exponent: number): number => {
  let product = 1;
  for (let step = 0; step < exponent; step += 1) product = Math.imul(product, base);
  return product;
};
