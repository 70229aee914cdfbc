import { type Block, blocksToMarkdown, blocksToText } from "./blocks.ts";
import { fitBlocks } from "./fit-blocks.ts";
import type { FitResult } from "./result.ts";

/** What `pipeline fit` prints. */
export const formatFit = (result: FitResult, output: { readonly color: boolean; readonly columns: number }): string =>
  blocksToText(fitBlocks(result), output);

/** The same as a Markdown document. */
export const formatFitMarkdown = (result: FitResult): string => {
  const title: Block = { kind: "heading", text: result.files.map(({ name }) => name).join(", ") };
  return `${blocksToMarkdown([title], "#")}\n\n${blocksToMarkdown(fitBlocks(result), "##")}\n`;
};
