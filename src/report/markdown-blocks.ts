/** A table of Markdown: header, alignment, then rows. Cells are escaped already. */
export const rows = (lines: readonly (readonly string[])[]): string =>
  lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** A list of Markdown. Items are escaped already. */
export const list = (items: readonly string[]): string => items.map((item) => `- ${item}`).join("\n");
