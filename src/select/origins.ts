import { ablationOrigins } from "./ablation-origins.ts";
import { fitOrigins } from "./fit/fit-origins.ts";

/**
 * How a number came to be. Measured: read off a file or printed by a tool. Derived: computed from such numbers without an
 * assumption. Estimated: holds under a model, here that units of text are independent draws of their domain. Given: set
 * by the pipeline file, or by a rule of this program before anything was measured.
 */
export type Origin = "measured" | "derived" | "estimated" | "given";

/**
 * Every number of `report.json` by its path; `[]` stands for any place in a list, `*` for any name. `report.json` carries
 * the table, and a test holds that no number is left out and none is told twice.
 */
export const origins: Readonly<Record<string, Origin>> = {
  schemaVersion: "given",
  seed: "given",
  "choice.bytes": "measured",
  "tolerances[].ppl": "given",
  "tolerances[].pplDelta": "given",
  "tolerances[].kld": "given",
  "tolerances[].sameTop": "given",
  "tolerances[].confidence": "given",
  "limits[].lnPplRatio": "derived",
  "limits[].kld": "derived",
  "limits[].topLoss": "derived",
  "decision.confidence": "given",
  "decision.alpha": "derived",
  "decision.plannedReruns": "given",
  "decision.looks[].units": "given",
  "decision.looks[].level": "derived",
  "decision.looks[].critical": "derived",
  "decision.ledger.earlier[].alpha": "derived",
  "decision.ledger.spent": "derived",
  "decision.cost.units": "measured",
  "decision.cost.all": "derived",
  "candidates[].bytes": "measured",
  "candidates[].bpw": "measured",
  "candidates[].fallbacks.*": "measured",
  "candidates[].p99Kld.value": "measured",
  "candidates[].p99Kld.warn": "given",
  "candidates[].domains[].units": "measured",
  "candidates[].domains[].ppl": "derived",
  "candidates[].domains[].basePpl": "derived",
  "candidates[].domains[].designEffect": "estimated",
  "candidates[].domains[].losses.*[]": "derived",
  "candidates[].domains[].gates[].limit": "derived",
  "candidates[].domains[].gates[].look": "derived",
  "candidates[].domains[].gates[].mean": "derived",
  "candidates[].domains[].gates[].upper": "estimated",
  "candidates[].domains[].gates[].lower": "estimated",
  "candidates[].domains[].gates[].upper95": "estimated",
  "candidates[].domains[].gates[].needed": "estimated",
  "candidates[].domains[].gates[].looks[].units": "given",
  "candidates[].domains[].gates[].looks[].mean": "derived",
  "candidates[].domains[].gates[].looks[].upper": "estimated",
  "model.bytes": "measured",
  "model.parts[].bytes": "measured",
  "model.tensors": "measured",
  "model.parameters": "measured",
  "model.contextLength": "measured",
  "model.vocabulary": "measured",
  "holdout.domains[].units": "measured",
  "holdout.domains[].ppl": "derived",
  "holdout.domains[].noise.*": "derived",
  "holdout.units": "given",
  "holdout.unitTokens": "given",
  "holdout.scoredTokens": "derived",
  "holdout.context": "given",
  "holdout.shards[].units": "derived",
  "imatrix.chunks": "measured",
  "imatrix.context": "given",
  "imatrix.sources[].chunks": "measured",
  "imatrix.sources[].collected": "measured",
  "imatrix.coverage.weights": "measured",
  "imatrix.coverage.fewest": "measured",
  "imatrix.coverage.gate.minTokens": "given",
  "imatrix.coverage.gate.experts": "given",
  "imatrix.coverage.thin[].experts[]": "measured",
  "imatrix.coverage.thin[].of": "measured",
  "imatrix.coverage.thin[].tokens": "measured",
  "imatrix.coverage.topUp.sources[].chunks": "measured",
  "imatrix.important[].importance": "derived",
  "imatrix.important[].entropy": "derived",
  "imatrix.important[].concentration": "derived",
  "imatrix.imported.chunkCount": "measured",
  "imatrix.imported.chunkSize": "measured",
  "imatrix.imported.likeness.median": "derived",
  "imatrix.imported.likeness.least": "derived",
  "corpus.sources[].share": "given",
  "corpus.sources[].documents": "measured",
  "corpus.sources[].kept": "measured",
  "corpus.sources[].dropped.*": "measured",
  "corpus.sources[].masked.*": "measured",
  "corpus.sources[].boilerplateLines": "measured",
  "corpus.sources[].calibration.documents": "measured",
  "corpus.sources[].calibration.wanted": "derived",
  "corpus.sources[].calibration.chunks": "measured",
  "corpus.sources[].calibration.tokens": "measured",
  "corpus.overlap.words": "given",
  "corpus.overlap.checked": "measured",
  "corpus.overlap.dropped": "measured",
  "corpus.overlap.exempt": "measured",
  "corpus.search.units": "measured",
  "corpus.search.documents": "measured",
  "corpus.foreignUnits": "measured",
  "reproduce[].inputs.*.part": "given",
  ...ablationOrigins,
  ...fitOrigins,
};

/** A place in `report.json`: names and places in lists, from the outside in. */
export type ReportPath = readonly (string | number)[];

/** `candidates[3].bytes`: a path as people and `jq` write it. */
export const writtenPath = (path: ReportPath): string =>
  path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`))
    .join("")
    .slice(1);

/** Taken apart once: a page asks for thousands of numbers. */
const rows = Object.keys(origins).map((row) => ({ row, parts: row.replaceAll("[]", ".[]").split(".") }));

/** Rows of the table that a path falls under: one, where the table is whole. */
export const rowsFor = (path: ReportPath): readonly string[] =>
  rows.filter(({ parts }) => covers(parts, path)).map(({ row }) => row);

/** How the number at a path came to be; undefined where the table does not know it. */
export const originOf = (path: ReportPath): Origin | undefined => {
  const [row] = rowsFor(path);
  return row === undefined ? undefined : origins[row];
};

const covers = (parts: readonly string[], path: ReportPath): boolean =>
  parts.length === path.length &&
  parts.every((part, index) =>
    typeof path[index] === "number" ? part === "[]" : part === "*" || part === path[index],
  );
