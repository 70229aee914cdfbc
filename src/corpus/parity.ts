/** 32-bit words of a parity: 512 bits. */
export const parityWidth = 16;

/**
 * Writes the parity of a set: each member, by its hash, turns one of 512 bits. Two sets differ in at least as many
 * members as their parities differ in bits, because a member that both have turns the same bit in both.
 */
export const turnBit = (parity: Uint32Array, hash: number): void => {
  const word = (hash >>> 5) % parityWidth;
  parity[word] = (parity[word] ?? 0) ^ (1 << (hash & 31));
};

/** In how many bits two parities differ; they start at `from` and `other`. */
export const differingBits = (one: Uint32Array, from: number, two: Uint32Array, other: number): number => {
  let bits = 0;
  for (let at = 0; at < parityWidth; at += 1) bits += countBits((one[from + at] ?? 0) ^ (two[other + at] ?? 0));
  return bits;
};

/** Adds neighbouring bits, then pairs, then fours, and all bytes by one multiplication. */
const countBits = (word: number): number => {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
};
