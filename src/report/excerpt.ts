import stringWidth from "fast-string-width";
import type { Location } from "../base/diagnostic.ts";
import { safe } from "./safe.ts";

/** A place in a file, counted from 1; columns are characters (code points), not bytes and not screen columns. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

const lineBreak = /\r\n|\r|\n/;

/** Line and column of where a location begins. */
export const positionOf = ({ text, start }: Location): Position => {
  const lines = text
    .slice(0, start)
    .replace(/^\ufeff/, "")
    .split(lineBreak);
  return { line: lines.length, column: Array.from(lines.at(-1) ?? "").length + 1 };
};

/** The source line of a location with a squiggle under it. */
export interface Excerpt {
  readonly line: string;
  readonly squiggle: string;
  /** Where the location ends, when that is on a later line. */
  readonly endLine?: number;
}

/** What one character looks like and where it stands: tabs and wide characters take several screen columns. */
interface Cell {
  readonly offset: number;
  readonly shown: string;
  readonly column: number;
  readonly width: number;
}

/**
 * Cuts the excerpt out of the text that came with the location.
 * @param width screen columns for it; a longer line is cut to a window around the squiggle
 */
export const excerptOf = (location: Location, width: number): Excerpt => {
  const { text, start, end } = location;
  const lineStart = start - (text.slice(0, start).split(lineBreak).at(-1) ?? "").length;
  const line = text.slice(lineStart).split(lineBreak, 1)[0] ?? "";
  const cells = cellsOf(line);
  const [from, to] = columnsOf(cells, line.length, start - lineStart, end - lineStart);
  const view = windowOf(cells, from, to, width);
  const { line: first } = positionOf(location);
  const last = first + text.slice(start, end).split(lineBreak).length - 1;
  return { ...view, ...(last > first ? { endLine: last } : {}) };
};

/** Made when the first mistake is shown: its tables take longer to load than a whole pipeline file to read. */
let graphemes: Intl.Segmenter | undefined;
const tabStop = 4;

const cellsOf = (line: string): Cell[] => {
  const cells: Cell[] = [];
  let column = 0;
  graphemes ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  for (const { segment, index } of graphemes.segment(line)) {
    const shown = segment === "\t" ? " ".repeat(tabStop - (column % tabStop)) : safe(segment.replace("\ufeff", ""));
    const width = stringWidth(shown);
    cells.push({ offset: index, shown, column, width });
    column += width;
  }
  return cells;
};

/** Screen columns of a stretch of the line, at least one wide. */
const columnsOf = (cells: readonly Cell[], length: number, start: number, end: number): [from: number, to: number] => {
  const lineEnd = endOf(cells.at(-1));
  const first = start >= length ? undefined : cells.findLast(({ offset }) => offset <= start);
  const from = first?.column ?? lineEnd;
  const behind = cells.find(({ offset }) => offset >= end);
  return [from, Math.max(from + 1, behind?.column ?? lineEnd)];
};

const endOf = (cell: Cell | undefined): number => (cell === undefined ? 0 : cell.column + cell.width);

const windowOf = (cells: readonly Cell[], from: number, to: number, width: number): Excerpt => {
  const total = endOf(cells.at(-1));
  if (total <= width) return { line: cells.map(({ shown }) => shown).join(""), squiggle: squiggle(from, to) };
  // A third of the window stays in front of the squiggle; one column at each cut end is the ellipsis.
  const left = Math.max(0, Math.min(from - Math.floor(width / 3), total - width));
  const right = Math.min(total, left + width);
  const [head, tail] = [left > 0 ? 1 : 0, right < total ? 1 : 0];
  const inside = cells.filter((cell) => cell.column >= left + head && endOf(cell) <= right - tail);
  const shift = (inside[0]?.column ?? left) - head;
  const text = inside.map(({ shown }) => shown).join("");
  return {
    line: `${head === 1 ? "…" : ""}${text}${tail === 1 ? "…" : ""}`,
    squiggle: squiggle(from - shift, Math.min(to, right) - shift),
  };
};

const squiggle = (from: number, to: number): string => " ".repeat(from) + "~".repeat(Math.max(1, to - from));
