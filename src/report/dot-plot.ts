import stringWidth from "fast-string-width";
import type { Answer, ReportedCandidate } from "../select/answer.ts";
import type { Verdict } from "../select/verdict.ts";
import { verdictMarks } from "./answer-table.ts";
import { plural } from "./quantity.ts";
import { safe } from "./safe.ts";
import type { Paint, Style } from "./style.ts";
import { worstGate } from "./worst-gate.ts";

/** A candidate as a line of the plot. */
interface Line {
  readonly type: string;
  readonly verdict: Verdict;
  readonly chosen: boolean;
  /** As parts of the limit. */
  readonly loss: { readonly mean: number; readonly lower: number; readonly upper: number } | undefined;
}

/** More candidates than this are not drawn: those around the choice are. */
const mostLines = 16;

/**
 * The curve in text: a line a candidate, its loss as a part of what is allowed, in the measure nearest to its limit. The
 * mark is that of the verdict, so it reads without colour. Nothing on a terminal too narrow for it.
 */
export const dotPlot = (
  answer: Answer,
  style: Style,
  paintOf: (verdict: Verdict, style: Style) => Paint,
  columns: number,
): string[] => {
  const all = answer.candidates.map((candidate) => lineOf(candidate, answer));
  const lines = around(all);
  const names = lines.map(({ type }) => clip(safe(type)));
  const margin = Math.max(...names.map((name) => stringWidth(name))) + 4;
  const width = Math.min(60, columns - margin - 2);
  if (width < 20 || lines.every(({ loss }) => loss === undefined)) return [];
  const scale = scaleOf(lines, width);
  const drawn = lines.map((line, index) => {
    const name = (names[index] ?? "") + " ".repeat(margin - 3 - stringWidth(names[index] ?? ""));
    const text = `${name}${trackOf(line, scale, style, paintOf)}`.trimEnd();
    return line.chosen ? style.bold(`▶ ${text}`) : `  ${text}`;
  });
  const left = all.length - lines.length;
  return [
    style.dim(`${" ".repeat(margin - 1)}${axis(scale)}`),
    ...drawn,
    ...(left === 0 ? [] : [style.dim(`  and ${plural(left, "more candidate")} in the table`)]),
  ];
};

/** Under the plot: what it shows. */
export const dotPlotLegend =
  "Plot: loss as a part of what is allowed, in the measure nearest to its limit, with its bounds; ┊ is the limit.";

const lineOf = (candidate: ReportedCandidate, { choice }: Answer): Line => {
  const { type, verdict } = candidate;
  const worst = worstGate(candidate);
  const chosen = type === choice?.type;
  if (worst === undefined) return { type, verdict, chosen, loss: undefined };
  const { mean, lower, upper, limit } = worst.gate;
  return { type, verdict, chosen, loss: { mean: mean / limit, lower: lower / limit, upper: upper / limit } };
};

/** The choice, or else the first that did not pass, stands in the middle of those that are drawn. */
const around = (lines: readonly Line[]): readonly Line[] => {
  const chosen = lines.findIndex(({ chosen: is }) => is);
  const middle = chosen === -1 ? lines.findIndex(({ verdict }) => verdict !== "PASS") : chosen;
  const from = Math.max(0, Math.min(middle - mostLines / 2, lines.length - mostLines));
  return lines.slice(from, from + mostLines);
};

const clip = (name: string): string => {
  const characters = Array.from(name);
  return characters.length > 20 ? `${characters.slice(0, 19).join("")}…` : name;
};

/** Columns of the plot by part of the limit: from nothing to at most three times the limit. */
interface Scale {
  readonly width: number;
  readonly end: number;
}

const scaleOf = (lines: readonly Line[], width: number): Scale => ({
  width,
  end: Math.min(3, Math.max(1.25, ...lines.flatMap(({ loss }) => (loss === undefined ? [] : [loss.upper])))),
});

/** Column of a value, which may lie outside. */
const column = (value: number, { width, end }: Scale): number => Math.round((value / end) * (width - 1));

const trackOf = (
  { verdict, loss }: Line,
  scale: Scale,
  style: Style,
  paintOf: (verdict: Verdict, style: Style) => Paint,
): string => {
  const limit = column(1, scale);
  const cells = Array.from({ length: scale.width }, (_, index): string => (index === limit ? "┊" : " "));
  if (loss === undefined) return `${verdictMarks[verdict]} ${style.dim("not tested")}`;
  const [from, to] = [column(loss.lower, scale), column(loss.upper, scale)];
  for (let at = Math.max(0, from); at <= Math.min(scale.width - 1, to); at += 1) cells[at] = at === limit ? "┼" : "─";
  if (to > scale.width - 1) cells[scale.width - 1] = "›";
  // What lies beyond the end stands before the sign that says so.
  const last = loss.mean > scale.end ? scale.width - 2 : scale.width - 1;
  const mark = Math.min(last, Math.max(0, column(loss.mean, scale)));
  const [before, after] = [cells.slice(0, mark).join(""), cells.slice(mark + 1).join("")];
  return `${before}${paintOf(verdict, style)(marks[verdict])}${after}`;
};

/** As wide as one column in every terminal. */
const marks: Readonly<Record<Verdict, string>> = { ...verdictMarks, PASS: "●" };

/** `0` at the left, `limit` above the limit. */
const axis = (scale: Scale): string => {
  const limit = column(1, scale);
  return `0${" ".repeat(Math.max(1, limit - 3))}limit`;
};
