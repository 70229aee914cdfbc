import { escapeMarkdown } from "../escape-markdown.ts";
import { layTable, wrap, type Column } from "../layout.ts";
import { table } from "../markdown-table.ts";
import { safe } from "../safe.ts";
import { makeStyle } from "../style.ts";

/** A piece of what is said about memory; a terminal and a Markdown file show the same pieces. Texts are not escaped yet. */
export type Block =
  | { readonly kind: "heading"; readonly text: string }
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "table";
      readonly columns: readonly Column[];
      readonly rows: readonly (readonly string[])[];
      /** The row that is meant. */
      readonly marked?: number;
    }
  /** A command line. */
  | { readonly kind: "code"; readonly text: string };

/** Lines of text, pieces an empty line apart. */
export const blocksToText = (
  blocks: readonly Block[],
  { color, columns }: { readonly color: boolean; readonly columns: number },
): string => {
  const style = makeStyle(color);
  const width = Math.min(Math.max(columns, 40), 110);
  const lines = (block: Block): string => {
    if (block.kind === "heading") return style.bold(wrap(safe(block.text), width));
    if (block.kind === "text") return wrap(safe(block.text), width);
    if (block.kind === "code") return safe(block.text);
    const [header = "", ...rows] = layTable(
      block.columns,
      block.rows.map((row) => row.map(safe)),
      2,
    );
    const marked = rows.map((row, index) => (index === block.marked ? style.bold(`▶ ${row}`) : `  ${row}`));
    return [style.dim(`  ${header}`), ...marked].join("\n");
  };
  return `${blocks.map(lines).join("\n\n")}\n`;
};

/** The same as Markdown. @param level of the headings, such as `###` */
export const blocksToMarkdown = (blocks: readonly Block[], level: string): string =>
  blocks.map((block) => blockToMarkdown(block, level)).join("\n\n");

const blockToMarkdown = (block: Block, level: string): string => {
  if (block.kind === "heading") return `${level} ${escapeMarkdown(block.text)}`;
  if (block.kind === "text") return escapeMarkdown(block.text);
  if (block.kind === "code") return fenced(safe(block.text));
  const left = block.columns.findIndex(({ align }) => align === "right");
  const rows = block.rows.map((row, index) =>
    row.map((cell) => {
      const text = escapeMarkdown(cell);
      return index === block.marked && text !== "" ? `**${text}**` : text;
    }),
  );
  return table(
    block.columns.map(({ header }) => header),
    rows,
    left === -1 ? block.columns.length : left,
  );
};

/** A fence that is longer than any run of backticks inside. */
const fenced = (text: string): string => {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}sh\n${text}\n${fence}`;
};
