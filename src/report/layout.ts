import stringWidth from "fast-string-width";

/** A column of a table. */
export interface Column {
  readonly header: string;
  readonly align: "left" | "right";
}

/** Lines of a table, header first, columns `gap` spaces apart. Cells may hold colour. */
export const layTable = (columns: readonly Column[], rows: readonly (readonly string[])[], gap = 2): string[] => {
  const all = [columns.map(({ header }) => header), ...rows];
  const widths = columns.map((_, index) => Math.max(...all.map((row) => stringWidth(row[index] ?? ""))));
  return all.map((row) =>
    columns
      .map(({ align }, index) => pad(row[index] ?? "", widths[index] ?? 0, align))
      .join(" ".repeat(gap))
      .trimEnd(),
  );
};

const pad = (text: string, width: number, align: Column["align"]): string => {
  const space = " ".repeat(Math.max(0, width - stringWidth(text)));
  return align === "left" ? text + space : space + text;
};

/** Breaks a paragraph between words, and never between a number and its `%`; a word that is longer than a line stays whole, so that it can be copied. */
export const wrap = (text: string, columns: number, indent = ""): string => {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/ (?!%)/)) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && stringWidth(lines.length === 0 ? longer : indent + longer) > columns) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line].map((each, index) => (index === 0 ? each : indent + each)).join("\n");
};
