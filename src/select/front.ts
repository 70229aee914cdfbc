/** A candidate as a point: how large it is, and how much it loses. */
export interface SizedLoss {
  readonly type: string;
  readonly bytes: number;
  /** On any scale on which more is worse. */
  readonly loss: number;
}

/**
 * Candidates that no other one beats in size and loss at once, from the smallest file to the largest; of equal ones the
 * first. It describes what was measured: the choice rests on verdicts alone.
 */
export const paretoFront = <Point extends SizedLoss>(points: readonly Point[]): Point[] => {
  const front: Point[] = [];
  for (const point of points.toSorted((a, b) => a.bytes - b.bytes || a.loss - b.loss)) {
    const best = front.at(-1);
    if (best === undefined || point.loss < best.loss) front.push(point);
  }
  return front;
};

/**
 * Where the front bends: the point that lies furthest below the straight line between its ends, both axes stretched to the
 * unit square. Undefined for fewer than three points, and where none lies below the line.
 */
export const kneeOf = <Point extends SizedLoss>(front: readonly Point[]): Point | undefined => {
  const [first, last] = [front[0], front.at(-1)];
  if (first === undefined || last === undefined || front.length < 3) return undefined;
  const depth = ({ bytes, loss }: Point): number =>
    1 - (bytes - first.bytes) / (last.bytes - first.bytes) - (loss - last.loss) / (first.loss - last.loss);
  const deepest = front.toSorted((a, b) => depth(b) - depth(a))[0];
  return deepest !== undefined && depth(deepest) > 1e-9 ? deepest : undefined;
};
