/**
 * Whole windows for each share, adding up to `total`: the largest-remainder method (Hamilton), ties to the earlier
 * share, so that a mix is as close to its shares as whole windows allow.
 */
export const apportion = (total: number, shares: readonly number[]): number[] => {
  const sum = shares.reduce((a, b) => a + b, 0);
  const exact = shares.map((share) => (total * share) / sum);
  const seats = exact.map(Math.floor);
  const left = total - seats.reduce((a, b) => a + b, 0);
  const order = exact.map((value, index) => ({ index, rest: value - Math.floor(value) }));
  order.sort((a, b) => b.rest - a.rest || a.index - b.index);
  for (const { index } of order.slice(0, left)) seats[index] = (seats[index] ?? 0) + 1;
  return seats;
};
