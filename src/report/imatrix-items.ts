import type { Answer, ImatrixFacts, ImportedMatrix, ThinWeight } from "../select/answer.ts";
import { enumerate, formatCount, formatShare, plural } from "./quantity.ts";
import { thinWeight } from "./thin-weight.ts";

/** Weights that are named in a sentence or a list. */
const mostNamed = 8;

/** Sentences on what the importance matrix is made of and what it covers. */
export const imatrixItems = (imatrix: Answer["imatrix"]): string[] => [
  ...origin(imatrix),
  ...coverageItems(imatrix.coverage),
];

const origin = ({ imported, sources }: Answer["imatrix"]): string[] =>
  imported === null
    ? [
        `Mixed of the sources' own matrices: ${enumerate(
          sources.map(
            ({ id, chunks, collected }) =>
              `${id} counts as ${formatCount(chunks)} of its ${plural(collected, "chunk")}`,
          ),
        )}.`,
      ]
    : importedItems(imported);

const importedItems = ({
  file,
  format,
  datasets,
  chunkCount,
  chunkSize,
  likeness,
  suspect,
}: ImportedMatrix): string[] => [
  `Imported from ${file} (${format}), collected from ${datasets.length === 0 ? "a text that it does not name" : enumerate(datasets)}: ` +
    `${plural(chunkCount, "chunk")}${chunkSize === null ? "" : ` of ${formatCount(chunkSize)} tokens`}.`,
  `Against two chunks of this model the median cosine of its weights is ${likeness.median.toFixed(3)}, the least ${likeness.least.toFixed(3)}` +
    (suspect ? ": so unlike that it may be the matrix of another model of the same shape." : "."),
];

const coverageItems = ({
  weights,
  fewest,
  missing,
  outside,
  gate,
  thin,
  topUp,
  pinned,
}: ImatrixFacts["coverage"]): string[] => [
  `Covers ${plural(weights, "weight")}; ${plural(fewest, "token")} reached the one, or the expert, that the fewest reached.`,
  gate === null
    ? "The pipeline asks for no coverage."
    : `Asked for: ${plural(gate.minTokens, "token")} for each weight and expert; of the experts of a weight, ${formatShare(gate.experts)} may have fewer.`,
  ...topUpItems(topUp),
  ...thin
    .slice(0, mostNamed)
    .map((weight) => `${gate === null ? "Not reached" : "Below that"}: ${thinWeight(weight)}.`),
  ...more(thin, "Below that too"),
  ...named("Without data, as the tool collects none for them", missing),
  ...named("Outside the blocks, where it never collects any", outside),
  ...(pinned === null ? [] : named(`Given the type ${pinned.type} in smaller quants, because of that`, pinned.weights)),
];

const topUpItems = (topUp: ImatrixFacts["coverage"]["topUp"]): string[] => {
  if (topUp === null) return [];
  if (topUp.outcome === "not-needed") return ["No more text was needed."];
  const given = enumerate(topUp.sources.map(({ id, chunks }) => `${plural(chunks, "chunk")} of ${id}`));
  const end = topUp.outcome === "covered" ? "after which all was covered" : "after which the sources were exhausted";
  return [`More text, which counts only where too little had reached: ${given || "none"}, ${end}.`];
};

const more = (thin: readonly ThinWeight[], words: string): string[] =>
  thin.length <= mostNamed ? [] : [`${words}: ${plural(thin.length - mostNamed, "more weight")}.`];

const named = (words: string, names: readonly string[]): string[] => {
  if (names.length === 0) return [];
  const rest = names.length > mostNamed ? [`${formatCount(names.length - mostNamed)} more`] : [];
  return [`${words}: ${enumerate([...names.slice(0, mostNamed), ...rest])}.`];
};
