import { type Fit, type FitChoice, isValidated } from "../../select/fit/fit.ts";
import type { KvRow } from "../../select/fit/file-fit.ts";
import { capital, enumerate, formatCount, plural } from "../quantity.ts";
import { shellWords } from "../shell.ts";
import type { Block } from "./blocks.ts";
import { componentBlocks, contextTable } from "./loading-blocks.ts";
import { verificationBlocks, verificationSentence } from "./verification-blocks.ts";
import { budgetWords, placeWords, refusalWords, waysSentence } from "./words.ts";

/** What there is to say in sentences: how far the choice gets, what was validated of that, what would be better. */
export const fitSentences = (fit: Fit): string[] => {
  const { choice, verification } = fit;
  if (choice === null) return [noChoice(fit)];
  return [
    reachedSentence(fit, choice),
    ...wantedSentence(fit, choice),
    ...largerSentence(fit, choice),
    ...(verification === null ? [] : [verificationSentence(verification)]),
  ];
};

const noChoice = ({ card, candidates, wish }: Fit): string => {
  const row = candidates.at(-1)?.rows[0];
  if (row === undefined) return `Nothing was certified, so there is nothing to run ${placeWords(card)}.`;
  const why = "refused" in row ? `: ${refusalWords(row.refused)}` : "";
  return `llama.cpp would not load what was certified with the cache in ${wish.kv[0] ?? "f16"}${why}.`;
};

const reachedSentence = (fit: Fit, { type, loading }: FitChoice): string => {
  const where = placeWords(fit.card);
  if (loading.context === 0) return `${type} does not fit ${where}, not even with 256 tokens of context.`;
  const each = fit.wish.parallel > 1 ? ` for each of ${plural(fit.wish.parallel, "sequence")}` : "";
  const end = loading.limit === "trained" ? ", which is all that it was trained for" : "";
  return (
    `${capital(where)} ${type} leaves room for ${plural(loading.perSequence, "token")} of context${each} with the cache in ` +
    `${loading.kv}${end}; ${validatedClause(fit, loading)}.`
  );
};

/** The same sentence says what of it was validated. */
const validatedClause = (fit: Fit, row: KvRow): string => {
  const { context, kv } = fit.validated;
  const how = `n_ctx ${formatCount(context)} with a cache in ${kv}`;
  return isValidated(fit, row)
    ? `it was certified at this, ${how}`
    : `it was certified at ${how}, and this was not validated`;
};

const wantedSentence = ({ wish: { context }, ways, validated }: Fit, { loading }: FitChoice): string[] => {
  if (loading.fits) return [];
  const least = context === "max" || !("min" in context) ? 1 : context.min;
  const asked = context === "max" ? [] : [`${plural(least, "token")} were asked for.`];
  const caution = ways.some(({ enough, cache }) => enough && cache !== undefined && cache !== validated.kv)
    ? [`A cache in q8_0 was not validated.`]
    : [];
  return [[...asked, waysSentence(ways, least), ...caution].join(" ")];
};

const largerSentence = ({ larger, wish: { context } }: Fit, { type }: FitChoice): string[] => {
  if (larger.length === 0) return [];
  const names = larger.map((each) =>
    context === "max" ? each.type : `${each.type} (${formatCount(each.perSequence)})`,
  );
  const one = larger.length === 1;
  return [
    `${enumerate(names)} ${one ? "is" : "are"} certified, larger than ${type}, and ${one ? "reaches" : "reach"} ` +
      `${context === "max" ? "the same context" : "what was asked for"} too: quality for nothing.`,
  ];
};

/** One candidate on the card, for its explanation. */
export const candidateFit = (fit: Fit, type: string): string[] => {
  if (fit.choice?.type === type) return fitSentences(fit);
  const rows = fit.candidates.find((each) => each.type === type)?.rows ?? [];
  const reached = rows.flatMap((row) =>
    "refused" in row || row.context === 0 ? [] : [`${plural(row.perSequence, "token")} with the cache in ${row.kv}`],
  );
  if (rows.length === 0) return [];
  return [
    reached.length === 0
      ? `It does not fit ${placeWords(fit.card)}.`
      : `${capital(placeWords(fit.card))} it leaves room for ${enumerate(reached)}.`,
  ];
};

/** The section of the report: sentences, what the memory is made of, contexts by type of the cache, the command line. */
export const answerFitBlocks = (fit: Fit): Block[] => {
  const sentences = fitSentences(fit).map((text): Block => ({ kind: "text", text }));
  const { choice, server, verification } = fit;
  if (choice === null) return sentences;
  const rows = fit.candidates.find(({ type }) => type === choice.type)?.rows ?? [];
  return [
    ...sentences,
    { kind: "text", text: budgetWords(fit.card, fit.budget) },
    ...componentBlocks(choice.loading),
    contextTable(rows, fit.wish.parallel, 0),
    ...(rows.length < 2 ? [] : [{ kind: "text", text: optionsSentence(fit) } as const]),
    ...(verification === null ? [] : verificationBlocks(verification).slice(0, 2)),
    ...(server === null ? [] : [{ kind: "code", text: shellWords(["llama-server", ...server]) } as const]),
  ];
};

const optionsSentence = ({ validated }: Fit): string =>
  `Types of the cache other than ${validated.kv} are options that nobody validated here.`;
