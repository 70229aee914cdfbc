/**
 * A scale for losses: in proportion around zero, by factors beyond. Losses of one ladder span three orders of magnitude, so
 * a linear scale would press all that passed into one line; a loss, and its lower bound more often, can be zero or
 * below, which a logarithm cannot show.
 */
export interface LossScale {
  readonly domain: readonly [number, number];
  readonly ticks: readonly number[];
  /** Where one goes over into the other. */
  readonly constant: number;
}

/**
 * A scale that shows all values and the limit.
 * @param constant a tenth of the limit, where differences stop to matter
 * @param apart how far numbers at the axis must lie apart, as a part of the axis
 */
export const lossScale = (values: readonly number[], constant: number, apart = 0.06): LossScale => {
  const finite = values.filter(Number.isFinite);
  const [low, high] = [Math.min(0, ...finite), Math.max(constant, ...finite)];
  // A little room, so that no mark is cut by the frame.
  const room = 0.04 * (unrolled(high, constant) - unrolled(low, constant));
  const from = low < 0 ? rolled(unrolled(low, constant) - room, constant) : -rolled(room, constant);
  const domain = [from, rolled(unrolled(high, constant) + room, constant)] as const;
  return { domain, constant, ticks: ticksIn(domain, constant, apart) };
};

/** A value as a distance on the paper, in no unit. */
export const unrolled = (value: number, constant: number): number =>
  Math.sign(value) * Math.log1p(Math.abs(value) / constant);

/** The value at such a distance. */
export const rolled = (distance: number, constant: number): number =>
  Math.sign(distance) * Math.expm1(Math.abs(distance)) * constant;

/** Zero, and 1, 2 and 5 times powers of ten on both sides, as far as they lie apart on the paper. */
const ticksIn = ([from, to]: readonly [number, number], constant: number, apart: number): number[] => {
  const least = apart * (unrolled(to, constant) - unrolled(from, constant));
  const ticks = [0];
  for (const [end, sign] of [
    [to, 1],
    [-from, -1],
  ] as const) {
    let last = 0;
    for (const size of sizesUpTo(end, constant)) {
      if (unrolled(size, constant) - last < least) continue;
      last = unrolled(size, constant);
      ticks.push(sign * size);
    }
  }
  return ticks.sort((a, b) => a - b);
};

const sizesUpTo = (end: number, constant: number): number[] => {
  const first = Math.floor(Math.log10(constant));
  const last = Math.ceil(Math.log10(Math.max(end, constant)));
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
    .flatMap((power) => [1, 2, 5].map((digit) => Number(`${digit}e${power}`)))
    .filter((size) => size <= end);
};
