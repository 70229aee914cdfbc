import { allowed, allowedCost, allowedRecorded } from "./bounds.ts";
import type { ErrorCell } from "./cells.ts";
import { alphas, type ErrorCount } from "./count-errors.ts";
import { powerRises, type Results } from "./plan.ts";
import { costTable, errorTable, oddTable, pointTable, powerTable, recordedTable, type Counted } from "./tables.ts";

/** The tables as Markdown, with what is needed to make them again. */
export const documentOf = (results: Results, { runs, seed }: { runs: number; seed: number }): string =>
  [
    `Made by \`npm run sim -- --runs ${runs} --seed ${seed} --write\`, which took ${total(results.errors)} simulated decisions`,
    "for the error rates. R: simulated decisions of one cell. SE: standard error of a counted part.",
    "",
    ...alphas.flatMap((alpha, index) => [
      `## ΔNLL at its limit, α = ${alpha}`,
      "",
      `Part of the decisions that certified a candidate at its limit. ${worst(results.delta, index)}`,
      "",
      errorTable(results.delta, index),
      "",
      `## KLD at its limit, α = ${alpha}`,
      "",
      `The same with KLD at its limit and ΔNLL far inside. ${worst(results.kld, index)}`,
      "",
      errorTable(results.kld, index),
      "",
    ]),
    "## Other numbers of units",
    "",
    "Gamma noise, CV 1, the boundary candidate and all below at the limit of ΔNLL.",
    "",
    oddTable(results.odd),
    "",
    "## Documents that differ more",
    "",
    "The same with a coefficient of variation that is larger than the procedure is made for. No bound is held here.",
    "",
    ...alphas.flatMap((alpha, index) => [`At α = ${alpha}:`, "", errorTable(results.wild, index), ""]),
    "## A mean below its limit",
    "",
    "What happens on the same simulated units when a mean below its limit is enough.",
    "",
    pointTable(results.delta),
    "",
    "## What it costs and what it finds",
    "",
    `The published ladder, gamma noise, CV 0.5, 128 units, α = 0.05. Bound: ${100 * allowedCost} % measured.`,
    "",
    costTable(results.costs),
    "",
    ...powerRises.flatMap((rise) => [
      `### Chance to certify at a tolerance of ${100 * rise} %`,
      "",
      powerTable(results.powers.filter(({ cell }) => cell.rise === rise)),
      "",
    ]),
    ...(results.recorded.length === 0 ? [] : recordedPart(results)),
  ].join("\n");

const recordedPart = ({ recorded, types }: Results): string[] => [
  "## Recorded units",
  "",
  `Recentred bootstrap of the units of a real model, α = 0.05. Bound: ${allowedRecorded}.`,
  "",
  recordedTable(recorded, types),
  "",
];

const total = (errors: Counted<ErrorCell, ErrorCount>): number =>
  errors.reduce((sum, { count }) => sum + count.runs, 0);

const worst = (counted: Counted<ErrorCell, ErrorCount>, index: number): string => {
  const parts = counted.map(({ count }) => count.wrong[index]! / count.runs);
  return `The worst cell: ${Math.max(...parts).toFixed(4)}. Bound: ${allowed[index]} and three standard errors.`;
};
