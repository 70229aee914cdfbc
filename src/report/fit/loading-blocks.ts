import { formatBytes } from "../../base/units.ts";
import type { FileFit, KvRow, Loading, RefusedRow } from "../../select/fit/file-fit.ts";
import type { Column } from "../layout.ts";
import { formatCount, plural } from "../quantity.ts";
import type { Block } from "./blocks.ts";
import { assumptionWords, bytesOrNothing, componentWords, limitWords, refusalWords, speedSentence } from "./words.ts";

const left = (header: string): Column => ({ header, align: "left" });
const right = (header: string): Column => ({ header, align: "right" });

/** What the memory of one loaded model is made of. */
export const componentBlocks = (loading: Loading): Block[] => [
  {
    kind: "table",
    columns: [left("memory"), right("GPU"), right("main"), left("number")],
    rows: [
      ...loading.components
        .filter(({ gpu, cpu }) => gpu + cpu > 0)
        .map(({ name, how, gpu, cpu }) => [componentWords[name], bytesOrNothing(gpu), bytesOrNothing(cpu), how]),
      ["all", bytesOrNothing(loading.gpu), bytesOrNothing(loading.cpu), ""],
    ],
  },
  ...(loading.copy === 0
    ? []
    : [
        text(
          `Of the compute buffer up to ${formatBytes(loading.copy)} are CUDA's copy of one layer's cache in half precision.`,
        ),
      ]),
  ...loading.assumptions.map((each) => text(assumptionWords[each])),
  ...(loading.speed.length === 0 ? [] : [text(speedSentence(loading.speed))]),
];

const text = (words: string): Block => ({ kind: "text", text: words });

/** The longest context by type of the cache. @param parallel sequences at once */
export const contextTable = (rows: readonly (KvRow | RefusedRow)[], parallel: number, marked?: number): Block => ({
  kind: "table",
  columns: [left("cache"), right(parallel > 1 ? "context each" : "context"), right("GPU"), left("")],
  rows: rows.map((row) =>
    "refused" in row
      ? [row.kv, "–", "–", refusalWords(row.refused)]
      : [row.kv, row.context === 0 ? "–" : formatCount(row.perSequence), formatBytes(row.gpu), limitWords(row)],
  ),
  ...(marked === undefined ? {} : { marked }),
});

/** What a file is, in one line. */
export const fileWords = ({ name, bytes, architecture, trainedContext }: FileFit): string => {
  const trained = trainedContext === 0 ? "of unknown trained length" : `trained for ${plural(trainedContext, "token")}`;
  return `${name}: ${formatBytes(bytes)}, ${architecture === "" ? "no architecture" : architecture}, ${trained}`;
};
