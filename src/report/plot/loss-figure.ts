import { dot, line, ruleX, ruleY, text, axisX, axisY, gridY, type Markish } from "@observablehq/plot";
import { kneeOf, paretoFront, type SizedLoss } from "../../select/front.ts";
import type { Verdict } from "../../select/verdict.ts";
import { safe } from "../safe.ts";
import {
  draw,
  inked,
  legendHeight,
  letter,
  type Figure,
  type LegendEntry,
  type Margins,
  type Shape,
  type Sketch,
} from "./draw.ts";
import { placeLabels, type Box, type Label } from "./labels.ts";
import { lossScale, unrolled, type LossScale } from "./loss-scale.ts";
import { tint, type Tint } from "./palette.ts";
import { shortName } from "./short-name.ts";

/** A candidate as a mark: its size, and what it lost, unless nothing was measured. */
export interface LossPoint {
  readonly type: string;
  readonly bytes: number;
  readonly verdict: Verdict;
  readonly loss: { readonly mean: number; readonly lower: number; readonly upper: number } | undefined;
  /** Lines that a reader gets on hover, the name first. */
  readonly words: string;
}

export interface LossFigure extends Pick<Sketch, "id" | "caption" | "pipeline" | "description" | "width" | "height"> {
  readonly points: readonly LossPoint[];
  readonly limit: number;
  /** What stands at the line of the limit. */
  readonly limitWords: string;
  readonly axis: string;
  readonly tick: (loss: number) => string;
  /** Types that get a name before others. */
  readonly chosen: string | undefined;
  readonly refused: string | undefined;
}

interface Placed extends LossPoint {
  readonly loss: NonNullable<LossPoint["loss"]>;
}

/** Size against loss: each candidate with its bound, the limit, the Pareto front and its knee. */
export const lossFigure = (figure: LossFigure): Figure => {
  const placed = figure.points.filter(isPlaced);
  const untested = figure.points.filter(({ loss }) => loss === undefined);
  const scale = lossScale(
    [...placed.flatMap(({ loss: { lower, upper, mean } }) => [lower, upper, mean]), figure.limit],
    figure.limit / 10,
  );
  const front = paretoFront(placed.map(sized));
  const knee = kneeOf(front)?.type;
  const sizes = sizeScale(figure.points);
  return draw({
    ...figure,
    margins,
    x: { type: "linear", domain: [...sizes.domain], axis: null },
    y: { type: "symlog", constant: scale.constant, domain: [...scale.domain], axis: null },
    legend: legendOf(figure, knee !== undefined),
    marks: [
      ...axes(figure, scale, sizes),
      ...limitLine(figure),
      ...frontLine(front, sizes.unit),
      ...bounds(placed, sizes.unit),
      ...rings(placed, sizes.unit, figure.chosen, knee),
      ...shapes(placed, sizes.unit),
      ...untestedMarks(untested, sizes.unit),
      ...names(figure, placed, scale, sizes),
    ],
  });
};

const isPlaced = (point: LossPoint): point is Placed =>
  point.loss !== undefined && Object.values(point.loss).every(Number.isFinite);

const sized = ({ type, bytes, loss }: Placed): SizedLoss => ({ type, bytes, loss: loss.mean });

const margins: Margins = { top: legendHeight + 26, right: 22, bottom: 48, left: 62 };

interface SizeScale {
  readonly domain: readonly [number, number];
  /** bytes of the unit on the axis */
  readonly unit: number;
  readonly name: string;
}

/** From the smallest candidate to the largest, with room for the names at both ends. */
const sizeScale = (points: readonly LossPoint[]): SizeScale => {
  const bytes = points.map((each) => each.bytes);
  const [least, most] = [Math.min(...bytes), Math.max(...bytes)];
  const [unit, name] = most >= 2 ** 30 ? [2 ** 30, "GiB"] : most >= 2 ** 20 ? [2 ** 20, "MiB"] : [2 ** 10, "KiB"];
  const room = Math.max((most - least) * 0.07, most * 0.02, 1);
  return { domain: [(least - room) / unit, (most + room) / unit], unit, name };
};

const axes = ({ axis, tick, width }: LossFigure, { ticks }: LossScale, { name }: SizeScale): Markish[] => [
  gridY([...ticks], { stroke: tint("quiet"), strokeOpacity: 0.18 }),
  axisY([...ticks], { className: "y-ticks", tickFormat: tick, tickSize: 0, label: null, fill: tint("quiet") }),
  axisX({
    className: "x-ticks",
    ticks: width / 90,
    tickSize: 4,
    label: null,
    color: tint("quiet"),
    fill: tint("quiet"),
  }),
  text([axis], { frameAnchor: "top-left", dx: -margins.left + 6, dy: -14, textAnchor: "start", fontWeight: 600 }),
  text([`file size, ${name}`], { frameAnchor: "bottom-right", dy: 36, textAnchor: "end", fontWeight: 600 }),
];

const limitLine = ({ limit, limitWords }: LossFigure): Markish[] => [
  ruleY([limit], { stroke: tint("limit"), strokeWidth: 1.6, strokeDasharray: "7 4", className: "limit" }),
  text([limitWords], {
    y: [limit],
    frameAnchor: "right",
    dx: -4,
    dy: -9,
    textAnchor: "end",
    fill: tint("limit"),
    fontWeight: 600,
  }),
];

const frontLine = (front: readonly SizedLoss[], unit: number): Markish[] =>
  front.length < 2
    ? []
    : [
        line([...front], {
          x: ({ bytes }: SizedLoss) => bytes / unit,
          y: ({ loss }: SizedLoss) => loss,
          stroke: tint("front"),
          strokeWidth: 1.5,
          className: "front",
        }),
      ];

/** From two standard errors below the mean to the bound that was held against the limit. */
const bounds = (placed: readonly Placed[], unit: number): Markish[] => [
  ruleX([...placed], {
    x: ({ bytes }: Placed) => bytes / unit,
    y1: ({ loss }: Placed) => loss.lower,
    y2: ({ loss }: Placed) => loss.upper,
    stroke: ({ verdict }: Placed) => tint(looks[verdict].tint),
    strokeWidth: 2,
    strokeOpacity: 0.55,
    className: "bounds",
  }),
];

/** Around the choice, and around the knee. */
const rings = (
  placed: readonly Placed[],
  unit: number,
  chosen: string | undefined,
  knee: string | undefined,
): Markish[] => {
  const around = (type: string | undefined, name: string, r: number, dash: string): Markish[] => [
    dot(
      placed.filter((each) => each.type === type),
      {
        x: ({ bytes }: Placed) => bytes / unit,
        y: ({ loss }: Placed) => loss.mean,
        r,
        fill: "none",
        stroke: tint("ink"),
        strokeWidth: 1.6,
        strokeDasharray: dash,
        className: name,
      },
    ),
  ];
  return [...around(chosen, "choice", 10, "none"), ...around(knee, "knee", 13, "3 3")];
};

interface Look {
  readonly shape: Shape;
  readonly tint: Tint;
  readonly outline: boolean;
  readonly words: string;
}

/** A shape of its own for each verdict: colour only repeats what the shape says. */
export const looks: Readonly<Record<Verdict, Look>> = {
  PASS: { shape: "circle", tint: "pass", outline: false, words: "pass" },
  UNDECIDED: { shape: "diamond", tint: "undecided", outline: false, words: "undecided" },
  FAIL: { shape: "times", tint: "fail", outline: true, words: "fail" },
  NOT_TESTED: { shape: "circle", tint: "untested", outline: true, words: "not tested" },
  ERROR: { shape: "square", tint: "fail", outline: true, words: "error" },
};

const shapes = (placed: readonly Placed[], unit: number): Markish[] =>
  Object.entries(looks).map(([verdict, { shape, tint: colour, outline }]) =>
    dot(
      placed.filter((each) => each.verdict === verdict),
      {
        x: ({ bytes }: Placed) => bytes / unit,
        y: ({ loss }: Placed) => loss.mean,
        symbol: shape,
        r: 5,
        ...inked(colour, outline),
        title: ({ words }: Placed) => safe(words),
        className: verdict,
      },
    ),
  );

/** Above the frame: they have a size and nothing else. */
const untestedMarks = (untested: readonly LossPoint[], unit: number): Markish[] => [
  dot([...untested], {
    x: ({ bytes }: LossPoint) => bytes / unit,
    frameAnchor: "top",
    dy: -4,
    r: 4,
    ...inked("untested", true),
    title: ({ words }: LossPoint) => safe(words),
    className: "NOT_TESTED",
  }),
];

const names = (figure: LossFigure, placed: readonly Placed[], scale: LossScale, sizes: SizeScale): Markish[] =>
  labelsOf(figure, placed, scale, sizes).map(({ x, y, words, dx, dy, anchor }) =>
    text([words], {
      frameAnchor: "top-left",
      dx: x - margins.left + dx,
      dy: y - margins.top + dy,
      lineAnchor: "middle",
      textAnchor: anchor,
      fontWeight: words === figure.chosen ? 700 : 400,
      stroke: tint("paper"),
      strokeWidth: 3,
      fill: tint("ink"),
      className: "name",
    }),
  );

const labelsOf = (figure: LossFigure, placed: readonly Placed[], scale: LossScale, sizes: SizeScale): Label[] => {
  const frame = frameOf(figure);
  const spots = placed
    .toSorted((a, b) => rank(b, figure) - rank(a, figure))
    .map((point) => ({ ...pixels(point, frame, scale, sizes), words: shortName(point.type) }));
  const named = spots.slice(0, mostNames);
  const marks = spots.map(({ x, y }) => ({ left: x - 5, right: x + 5, top: y - 5, bottom: y + 5 }));
  const at = y(figure.limit, frame, scale);
  const limit = { left: frame.right - figure.limitWords.length * letter, right: frame.right, top: at - 18, bottom: at };
  return placeLabels(named, frame, [...marks, limit]);
};

/** Of sixty candidates no plot has room for every name; each has its own on hover. */
const mostNames = 14;

const rank = ({ type }: LossPoint, { chosen, refused }: LossFigure): number =>
  type === chosen ? 2 : type === refused ? 1 : 0;

const frameOf = ({ width, height }: LossFigure): Box => ({
  left: margins.left,
  right: width - margins.right,
  top: margins.top,
  bottom: height - margins.bottom,
});

const pixels = (
  { bytes, loss }: Placed,
  frame: Box,
  scale: LossScale,
  { domain, unit }: SizeScale,
): { x: number; y: number } => ({
  x: frame.left + ((bytes / unit - domain[0]) / (domain[1] - domain[0])) * (frame.right - frame.left),
  y: y(loss.mean, frame, scale),
});

const y = (value: number, { top, bottom }: Box, { domain: [from, to], constant }: LossScale): number => {
  const [low, high] = [unrolled(from, constant), unrolled(to, constant)];
  return bottom - ((unrolled(value, constant) - low) / (high - low)) * (bottom - top);
};

/** What the figure shows, and nothing that it does not. */
const legendOf = ({ points, chosen }: LossFigure, knee: boolean): LegendEntry[] => [
  ...Object.entries(looks).flatMap(([verdict, { words, tint: colour, shape, outline }]) =>
    points.some((point) => point.verdict === verdict) ? [{ words, tint: colour, symbol: shape, hollow: outline }] : [],
  ),
  ...(chosen === undefined ? [] : [ring("chosen", "none")]),
  ...(knee ? [ring("knee of the front", "3 3")] : []),
];

const ring = (words: string, dashes: string): LegendEntry => ({
  words,
  tint: "ink",
  symbol: "circle",
  hollow: true,
  dashes,
});
