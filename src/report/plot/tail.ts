import { axisX, axisY, gridX, rect, ruleX, ruleY, text, type Markish } from "@observablehq/plot";
import type { Answer } from "../../select/answer.ts";
import { formatKld } from "../quantity.ts";
import { safe } from "../safe.ts";
import { spreadOf, type Spread } from "../spread.ts";
import { worstDomain } from "../worst-domain.ts";
import { draw, type Figure, type Margins } from "./draw.ts";
import { looks } from "./loss-figure.ts";
import { lossScale } from "./loss-scale.ts";
import { tint } from "./palette.ts";
import { shortName } from "./short-name.ts";

interface Row {
  readonly place: number;
  readonly type: string;
  readonly domain: string;
  readonly colour: string;
  readonly spread: Spread;
}

const rowHeight = 22;
const margins: Margins = { top: 34, right: 22, bottom: 48, left: 120 };

/**
 * How the divergence spreads over units of text, on the worst domain of each candidate: a mean can be small because most text is
 * easy. Undefined when nothing was measured.
 */
export const tail = (answer: Answer): Figure | undefined => {
  const rows = rowsOf(answer);
  if (rows.length === 0) return undefined;
  const limit = Math.max(...answer.limits.map(({ kld }) => kld ?? 0));
  const scale = lossScale(
    rows.flatMap(({ spread }) => [spread.smallest, spread.largest]),
    (limit > 0 ? limit : 0.01) / 10,
    0.12,
  );
  return draw({
    id: "tail",
    caption: `Divergence by unit of text`,
    pipeline: answer.pipeline,
    description:
      "For each candidate the smallest, the middle half, the median and the largest mean KLD of its units of text, on its worst domain.",
    width: 500,
    height: margins.top + margins.bottom + rows.length * rowHeight,
    margins,
    x: { type: "symlog", constant: scale.constant, domain: [...scale.domain], axis: null },
    y: { type: "linear", domain: [-0.5, rows.length - 0.5], reverse: true, axis: null },
    marks: [
      gridX([...scale.ticks], { stroke: tint("quiet"), strokeOpacity: 0.18 }),
      axisX([...scale.ticks], {
        className: "x-ticks",
        tickFormat: (value: number) => String(value),
        tickSize: 4,
        label: null,
        color: tint("quiet"),
        fill: tint("quiet"),
      }),
      axisY(
        rows.map(({ place }) => place),
        { tickFormat: (place: number) => nameOf(rows[place], answer), tickSize: 0, label: null, fill: tint("ink") },
      ),
      text(["KLD of a unit, nats a token"], {
        frameAnchor: "bottom-right",
        dy: 36,
        textAnchor: "end",
        fontWeight: 600,
      }),
      ...boxes(rows),
      ...limits(answer),
    ],
  });
};

const rowsOf = ({ candidates }: Answer): Row[] =>
  candidates
    .flatMap((candidate) => {
      const worst = worstDomain(candidate);
      return worst === undefined ? [] : [{ ...candidate, domain: worst.domain, kld: worst.losses.kld }];
    })
    .map(({ type, verdict, domain, kld }) => ({
      type,
      domain,
      colour: tint(looks[verdict].tint),
      spread: spreadOf(kld),
    }))
    .map((row, place) => ({ ...row, place }));

const nameOf = (row: Row | undefined, { tolerances }: Answer): string => {
  const name = row === undefined ? "" : tolerances.length > 1 ? `${row.type} ${row.domain}` : row.type;
  return shortName(name);
};

const boxes = (rows: readonly Row[]): Markish[] => [
  ruleY([...rows], {
    className: "range",
    y: ({ place }: Row) => place,
    x1: ({ spread }: Row) => spread.smallest,
    x2: ({ spread }: Row) => spread.largest,
    stroke: ({ colour }: Row) => colour,
    strokeOpacity: 0.6,
    strokeWidth: 1.5,
  }),
  rect([...rows], {
    className: "half",
    x1: ({ spread }: Row) => spread.lowerQuartile,
    x2: ({ spread }: Row) => spread.upperQuartile,
    y1: ({ place }: Row) => place - 0.28,
    y2: ({ place }: Row) => place + 0.28,
    fill: ({ colour }: Row) => colour,
    fillOpacity: 0.45,
    title: ({ type, domain, spread }: Row) => safe(wordsOf(type, domain, spread)),
  }),
  ruleX([...rows], {
    className: "median",
    x: ({ spread }: Row) => spread.median,
    y1: ({ place }: Row) => place - 0.28,
    y2: ({ place }: Row) => place + 0.28,
    stroke: ({ colour }: Row) => colour,
    strokeWidth: 2.5,
  }),
];

const wordsOf = (type: string, domain: string, spread: Spread): string =>
  `${type} on ${domain} text, KLD of ${spread.units} units: smallest ${formatKld(spread.smallest)}, quartiles ` +
  `${formatKld(spread.lowerQuartile)} and ${formatKld(spread.upperQuartile)}, median ${formatKld(spread.median)}, largest ` +
  formatKld(spread.largest);

const limits = ({ limits: all }: Answer): Markish[] => [
  ruleX([...new Set(all.flatMap(({ kld }) => (kld === null ? [] : [kld])))], {
    className: "limit",
    stroke: tint("limit"),
    strokeWidth: 1.6,
    strokeDasharray: "7 4",
  }),
];
