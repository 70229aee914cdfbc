import { fontSize, letter } from "./draw.ts";

/** A point that may get a name beside it, in pixels; those that matter more come first. */
export interface Labelled {
  readonly x: number;
  readonly y: number;
  readonly words: string;
}

export interface Label extends Labelled {
  /** From the point to where the text begins or ends. */
  readonly dx: number;
  readonly dy: number;
  readonly anchor: "start" | "end";
}

export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/**
 * Names beside their points, each at the first of a few places where it covers no other name, no point and no edge. A
 * name that fits nowhere is left out: the table has it, and the point says it on hover.
 */
export const placeLabels = (points: readonly Labelled[], frame: Box, taken: readonly Box[]): Label[] => {
  const labels: Label[] = [];
  const boxes = [...taken];
  for (const point of points) {
    const found = spots
      .map((spot) => ({ ...point, ...spot }))
      .find((label) => inside(boxOf(label), frame) && !boxes.some((box) => overlap(box, boxOf(label))));
    if (found === undefined) continue;
    labels.push(found);
    boxes.push(boxOf(found));
  }
  return labels;
};

const spots: readonly Pick<Label, "dx" | "dy" | "anchor">[] = [
  { dx: 9, dy: -9, anchor: "start" },
  { dx: -9, dy: 11, anchor: "end" },
  { dx: 9, dy: 11, anchor: "start" },
  { dx: -9, dy: -9, anchor: "end" },
  { dx: 11, dy: 0, anchor: "start" },
  { dx: -11, dy: 0, anchor: "end" },
];

const boxOf = ({ x, y, dx, dy, words, anchor }: Label): Box => {
  const width = words.length * letter;
  const start = x + dx - (anchor === "start" ? 0 : width);
  return { left: start, right: start + width, top: y + dy - fontSize / 2, bottom: y + dy + fontSize / 2 };
};

const inside = (box: Box, frame: Box): boolean =>
  box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom;

const overlap = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
