import { formatBytes } from "../../base/units.ts";
import type { FileFit } from "../../select/fit/file-fit.ts";
import type { MatrixCell, MatrixRow } from "../../select/fit/matrix.ts";
import { formatCount, plural } from "../quantity.ts";
import { shellWords } from "../shell.ts";
import type { Block } from "./blocks.ts";
import { componentBlocks, contextTable, fileWords } from "./loading-blocks.ts";
import type { FitResult } from "./result.ts";
import { verificationBlocks } from "./verification-blocks.ts";
import { budgetWords, refusalWords, waysSentence } from "./words.ts";

/** Everything that `pipeline fit` says: one file in full, several side by side, the matrix, the verification. */
export const fitBlocks = (result: FitResult): Block[] => [
  ...(result.card === null || result.budget === null
    ? [text("No card was named (`--gpu rtx-4090`, `--vram 8GiB`), so nothing bounds the memory.")]
    : [text(budgetWords(result.card, result.budget))]),
  ...(result.files.length === 1 ? result.files.flatMap((file) => fileBlocks(file, result)) : comparison(result)),
  ...(result.matrix === undefined ? [] : matrixBlocks(result.matrix)),
  ...(result.verification === undefined ? [] : verificationBlocks(result.verification)),
];

const text = (words: string): Block => ({ kind: "text", text: words });

type FittedFile = FitResult["files"][number];

const fileBlocks = (file: FittedFile, result: FitResult): Block[] => {
  const { loading, rows } = file;
  const first = rows[0];
  return [
    { kind: "heading", text: fileWords(file) },
    ...(first !== undefined && "refused" in first
      ? [text(`llama.cpp would not load it so: ${first.kv}: ${refusalWords(first.refused)}.`)]
      : []),
    ...(loading === null ? [] : [text(loadingSentence(file, result)), ...componentBlocks(loading)]),
    contextTable(rows, result.wish.parallel, 0),
    ...(file.server === null ? [] : [serverBlock(file.server)]),
  ];
};

const serverBlock = (argv: readonly string[]): Block => ({ kind: "code", text: shellWords(["llama-server", ...argv]) });

/** How far it gets, and what would help. */
const loadingSentence = ({ loading, ways }: FileFit, { wish: { context, parallel } }: FitResult): string => {
  if (loading === null) return "";
  const each = parallel > 1 ? ` for each of ${plural(parallel, "sequence")}` : "";
  const wanted = context === "max" ? undefined : "min" in context ? context.min : context.exact;
  if (loading.context === 0)
    return `It does not fit, not even with ${plural(256, "token")} of context${each}. ${waysSentence(ways, wanted ?? 1)}`;
  const reached = `${plural(loading.perSequence, "token")} of context${each}`;
  if (loading.fits) return `It fits with ${reached} and the cache in ${loading.kv}.`;
  if (loading.limit === "trained")
    return `It fits with ${reached}, which is all that it was trained for; ${formatCount(wanted ?? 0)} were asked for.`;
  return `It fits with ${reached} and the cache in ${loading.kv}, and ${formatCount(wanted ?? 0)} were asked for. ${waysSentence(ways, wanted ?? 1)}`;
};

/** Files beside each other. */
const comparison = ({ files, wish }: FitResult): Block[] => [
  {
    kind: "table",
    columns: [
      { header: "file", align: "left" },
      { header: "size", align: "right" },
      ...wish.kv.map((kv) => ({ header: kv, align: "right" as const })),
      { header: "tokens/s", align: "right" },
    ],
    rows: files.map(({ name, bytes, rows, loading }) => [
      name,
      formatBytes(bytes),
      ...rows.map((row) => ("refused" in row || row.context === 0 ? "–" : contextWords(row.perSequence, row.limit))),
      loading?.speed[0] === undefined ? "–" : `≤ ${formatCount(Math.round(loading.speed[0].most))}`,
    ]),
  },
  text(
    "Longest context by type of the cache, tokens. †: the trained length ends it. –: does not fit, or llama.cpp refuses it.",
  ),
];

const contextWords = (tokens: number, limit: string): string =>
  `${formatCount(tokens)}${limit === "trained" ? "†" : ""}`;

/** One table for each type of the cache: all in one would be wider than a page. */
const matrixBlocks = (matrix: readonly MatrixRow[]): Block[] => {
  const cells = matrix[0]?.cells ?? [];
  const types = (cells[0]?.contexts ?? []).map(({ kv }) => kv);
  return [
    { kind: "heading", text: "Memory and quants" },
    ...types.flatMap((kv, index): Block[] => [
      text(`Longest context with the cache in ${kv}, tokens:`),
      {
        kind: "table",
        columns: ["quant", "weights", ...cells.map(({ vram }) => shortSize(vram))].map((header, column) => ({
          header,
          align: column === 0 ? "left" : "right",
        })),
        rows: matrix.map((row) => [
          row.name,
          formatBytes(row.weights ?? row.bytes),
          ...row.cells.map(({ contexts }) => cellWords(contexts[index])),
        ]),
      },
    ]),
    text(
      "k: 1,024 tokens, rounded down. †: the trained length ends it. –: does not fit. Sizes of quants are those of dry runs of " +
        "llama-quantize.",
    ),
  ];
};

const shortSize = (bytes: number): string => `${bytes / 1024 ** 3} GiB`;

const cellWords = (cell: MatrixCell["contexts"][number] | undefined): string => {
  if (cell === undefined || cell.perSequence === null || cell.perSequence === 0) return "–";
  const tokens = cell.perSequence;
  const number = tokens < 10_240 ? formatCount(tokens) : `${formatCount(Math.floor(tokens / 1024))}k`;
  return `${number}${cell.trained ? "†" : ""}`;
};
