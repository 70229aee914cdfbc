import { axisX, axisY, barX, gridX, text, tickX } from "@observablehq/plot";
import type { Answer } from "../../select/answer.ts";
import { safe } from "../safe.ts";
import { draw, legendHeight, type Figure, type Margins } from "./draw.ts";
import { tint } from "./palette.ts";
import { shortName } from "./short-name.ts";

interface Row {
  readonly place: string;
  readonly id: string;
  readonly share: number;
  readonly got: number;
}

const rowHeight = 30;
const margins: Margins = { top: legendHeight + 16, right: 30, bottom: 48, left: 120 };

/** What the importance matrix was made of: the share each source has, and the one that was asked for. */
export const shares = (answer: Answer): Figure | undefined => {
  const rows = rowsOf(answer);
  if (rows.length === 0) return undefined;
  const most = Math.max(...rows.flatMap(({ share, got }) => [share, got]));
  const names = new Map(rows.map(({ place, id }) => [place, id]));
  return draw({
    id: "shares",
    caption: `Calibration text by source`,
    pipeline: answer.pipeline,
    description: "The share of each source in the calibration text as a bar, and the share asked for as a mark.",
    width: 500,
    height: margins.top + margins.bottom + rows.length * rowHeight,
    margins,
    x: { type: "linear", domain: [0, most * 1.04], axis: null },
    y: { type: "band", domain: rows.map(({ place }) => place), padding: 0.35, axis: null },
    legend: [
      { words: "share of the chunks", tint: "pass", symbol: "square" },
      { words: "asked for", tint: "ink", symbol: "dash" },
    ],
    marks: [
      gridX({ ticks: 5, stroke: tint("quiet"), strokeOpacity: 0.18 }),
      axisX({
        className: "x-ticks",
        ticks: 5,
        tickFormat: (part: number) => `${Number((part * 100).toPrecision(4))}`,
        tickSize: 4,
        label: null,
        color: tint("quiet"),
        fill: tint("quiet"),
      }),
      axisY({
        tickFormat: (place: string) => shortName(names.get(place) ?? ""),
        tickSize: 0,
        label: null,
        fill: tint("ink"),
      }),
      text(["% of the calibration text"], { frameAnchor: "bottom-right", dy: 36, textAnchor: "end", fontWeight: 600 }),
      barX(rows, {
        className: "got",
        y: "place",
        x: "got",
        fill: tint("pass"),
        fillOpacity: 0.7,
        title: ({ id, got, share }: Row) => safe(`${id}: ${percent(got)} of the chunks, ${percent(share)} asked for`),
      }),
      tickX(rows, {
        className: "asked",
        y: "place",
        x: "share",
        stroke: tint("ink"),
        strokeWidth: 3,
        insetTop: -4,
        insetBottom: -4,
      }),
    ],
  });
};

/** None for a matrix from elsewhere: no text of this pipeline is in it. */
const rowsOf = ({ corpus, imatrix }: Answer): Row[] =>
  imatrix.sources.map(({ id, chunks }, index) => ({
    place: String(index),
    id,
    share: corpus.sources.find((source) => source.id === id)?.share ?? 0,
    // What a source counts for; its own matrix may come from more text than that.
    got: chunks / Math.max(1, imatrix.chunks),
  }));

const percent = (part: number): string => `${Number((part * 100).toPrecision(3))} %`;
