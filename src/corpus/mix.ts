/**
 * Spreads each bit of a 32-bit number over all of them; one to one. Shifts and factors are those of the finaliser of
 * MurmurHash3 (Austin Appleby, public domain).
 */
export const mix = (value: number): number => {
  const once = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return twice ^ (twice >>> 16);
};

/** Odd factors for two hashes that have nothing in common: the golden ratio's, and one of xxHash (Yann Collet, BSD). */
export const factorA = 0x9e3779b1;
export const factorB = 0x85ebca77;
