/** Seeded random numbers for simulations. */
export interface Random {
  /** Evenly from (0, 1), in steps of 2⁻³². */
  readonly uniform: () => number;
  /** Mean 0, standard deviation 1. */
  readonly normal: () => number;
  /** Gamma of mean 0 and standard deviation 1, whose skewness is 2/√shape. @param shape above 0 */
  readonly gamma: (shape: number) => number;
}

/**
 * sfc32 (Doty-Humphrey's small fast counter, which passes PractRand) with the polar method and that of Marsaglia and Tsang
 * (2000). Own code, because a simulation draws some 10⁹ numbers: pure-rand and seedrandom take more than all the rest
 * together. Math.random was rejected: it has no seed.
 */
export const seededRandom = (seed: number): Random => {
  const uniform = sfc32(seed);
  const normal = polar(uniform);
  return { uniform, normal, gamma: (shape) => (gammaOf(shape, uniform, normal) - shape) / Math.sqrt(shape) };
};

const sfc32 = (seed: number): (() => number) => {
  let [a, b, c, counter] = [0x9e3779b9, 0x243f6a88 ^ (seed / 2 ** 32), seed | 0, 1];
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return ((sum >>> 0) + 0.5) / 2 ** 32;
  };
  // Near seeds give near states; after some rounds nothing of that is left.
  for (let round = 0; round < 20; round += 1) next();
  return next;
};

const polar = (uniform: () => number): (() => number) => {
  let spare = Number.NaN;
  return () => {
    if (!Number.isNaN(spare)) {
      const kept = spare;
      spare = Number.NaN;
      return kept;
    }
    for (;;) {
      const [x, y] = [2 * uniform() - 1, 2 * uniform() - 1];
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      spare = y * scale;
      return x * scale;
    }
  };
};

const gammaOf = (shape: number, uniform: () => number, normal: () => number): number => {
  if (shape === 1) return -Math.log(uniform());
  if (shape < 1) return gammaOf(shape + 1, uniform, normal) * uniform() ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
};
