import stringWidth from "fast-string-width";

/** A table of Markdown whose columns line up in plain text too. Cells are escaped already. @param left columns that are words */
export const table = (header: readonly string[], rows: readonly (readonly string[])[], left: number): string => {
  const all = [header, ...rows];
  const widths = header.map((_, index) => Math.max(3, ...all.map((row) => stringWidth(row[index] ?? ""))));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, index) => padded(cell, widths[index] ?? 0, index < left)).join(" | ")} |`;
  const rule = widths.map((width, index) => (index < left ? `:${"-".repeat(width - 1)}` : `${"-".repeat(width - 1)}:`));
  return [line(header), line(rule), ...rows.map(line)].join("\n");
};

const padded = (cell: string, width: number, left: boolean): string => {
  const space = " ".repeat(width - stringWidth(cell));
  return left ? cell + space : space + cell;
};
