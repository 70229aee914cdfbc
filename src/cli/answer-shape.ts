import type { Answer } from "../select/answer.ts";
import { ablationShape } from "./ablation-shape.ts";
import { fitShape } from "./fit-shape.ts";
import { anyOf, fits, flag, listOf, nothing, number, numberOrNull, oneOf, optional, pattern, text } from "./shape.ts";
import { recordOf, textOrNull, type Shape } from "./shape.ts";

/** What this program writes and reads. */
export const schemaVersion = 4;

/**
 * Where a value that was read from a file is not as an answer is, such as `.candidates[0].bytes`; undefined when it is
 * one. Everything that is rendered is looked at, so that a report that was edited or made up is told from a bug. What goes
 * into Markdown or the names of files unescaped, digests and types, is held to its own letters. A schema library was
 * rejected: it would be loaded for one file, and the type is written down already.
 */
export const misfit = (value: unknown): string | undefined => answer(value) ?? missingPart(value as Answer);

/** A command may read one of the model's files by its number. */
const missingPart = ({ model: { parts = [] }, reproduce }: Answer): string | undefined => {
  const index = reproduce.findIndex(({ inputs }) =>
    Object.values(inputs).some((each) => each.from === "model" && each.part !== undefined && !(each.part - 1 in parts)),
  );
  return index < 0 ? undefined : `.reproduce[${index}].inputs`;
};

/** Only after `misfit` found nothing. */
export const isAnswer = (value: unknown): value is Answer => misfit(value) === undefined;

const digest = pattern(/^[0-9a-f]{64}$/);
const type = pattern(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/);
const bare = pattern(/^(?!\.{1,2}$)[^/\0]{1,255}$/);
const measure = oneOf("lnPplRatio", "kld", "topLoss");
const counts = recordOf(number);

const tolerance = fits({
  domain: text,
  name: text,
  ppl: numberOrNull,
  pplDelta: numberOrNull,
  kld: numberOrNull,
  sameTop: numberOrNull,
});

const limits = fits({ domain: text, lnPplRatio: numberOrNull, kld: numberOrNull, topLoss: numberOrNull });

const decision = fits({
  mode: oneOf("ladder", "decisive", "full"),
  confidence: number,
  alpha: number,
  plannedReruns: number,
  looks: listOf(fits({ units: number, level: number, critical: number })),
  ledger: fits({ exploratory: flag, earlier: listOf(fits({})), spent: number }),
  cost: fits({ units: number, all: number }),
});

const units = listOf(number, 1);

const gate = fits({
  measure,
  verdict: oneOf("PASS", "FAIL", "UNDECIDED"),
  limit: number,
  mean: number,
  lower: number,
  upper: number,
  look: number,
  noisy: flag,
  needed: numberOrNull,
  looks: listOf(fits({ units: number, mean: number, upper: number, outcome: text }), 1),
});

const result = fits({
  domain: text,
  units: number,
  // A perplexity beyond what a double holds is written as null.
  ppl: numberOrNull,
  basePpl: numberOrNull,
  designEffect: numberOrNull,
  gates: listOf(gate, 1),
  losses: fits({ lnPplRatio: units, kld: units, topLoss: units }),
});

const candidate = fits({
  type,
  bytes: number,
  bpw: numberOrNull,
  sha256: anyOf(nothing, digest),
  verdict: oneOf("PASS", "FAIL", "UNDECIDED", "NOT_TESTED", "ERROR"),
  prunedBy: optional(fits({ type, source: text })),
  blockedBy: optional(type),
  fallbacks: counts,
  provenance: recordOf(text),
  stepKey: anyOf(nothing, digest),
  p99Kld: optional(fits({ value: number, warn: number })),
  domains: listOf(result),
});

const model = fits({
  sha256: digest,
  bytes: number,
  file: text,
  name: textOrNull,
  architecture: text,
  parts: optional(listOf(fits({ sha256: digest, bytes: number, file: bare }), 2)),
  fileType: text,
  parameters: number,
  contextLength: numberOrNull,
  stated: fits({
    license: textOrNull,
    licenseName: textOrNull,
    licenseLink: textOrNull,
    repository: textOrNull,
    tags: listOf(text),
    languages: listOf(text),
  }),
});

const holdout = fits({
  domains: listOf(
    fits({
      domain: text,
      units: number,
      ppl: numberOrNull,
      noise: fits({ lnPplRatio: number, kld: number, topLoss: number }),
    }),
  ),
  units: number,
  unitTokens: number,
  scoredTokens: number,
  context: number,
  kv: text,
  flags: listOf(text),
  shards: listOf(fits({ domain: text, units: number, sha256: digest })),
});

const source = fits({
  id: text,
  domain: text,
  share: number,
  license: textOrNull,
  holdoutOnly: flag,
  documents: number,
  kept: number,
  dropped: counts,
  masked: counts,
  boilerplateLines: number,
  calibration: fits({ documents: number, wanted: number, chunks: number, tokens: number }),
});

const corpus = fits({
  manifest: digest,
  calibration: digest,
  sources: listOf(source),
  overlap: fits({ words: number, checked: number, dropped: number, exempt: number }),
  search: fits({ units: number, documents: number, sha256: digest }),
  foreignUnits: number,
});

const coverage = fits({
  weights: number,
  fewest: number,
  missing: listOf(text),
  outside: listOf(text),
  gate: anyOf(nothing, fits({ minTokens: number, experts: number })),
  thin: listOf(fits({ weight: text, experts: anyOf(nothing, listOf(number)), of: number, tokens: number })),
  topUp: anyOf(
    nothing,
    fits({
      outcome: oneOf("not-needed", "covered", "exhausted"),
      sources: listOf(fits({ id: text, chunks: number })),
    }),
  ),
  pinned: anyOf(nothing, fits({ type, weights: listOf(text) })),
});

const imported = fits({
  file: text,
  format: oneOf("gguf", "dat"),
  datasets: listOf(text),
  chunkCount: number,
  chunkSize: numberOrNull,
  likeness: fits({ median: number, least: number }),
  suspect: flag,
});

const imatrix = fits({
  sha256: digest,
  chunks: number,
  context: number,
  sources: listOf(fits({ id: text, chunks: number, collected: number, sha256: digest })),
  coverage,
  important: listOf(fits({ weight: text, importance: number, entropy: number, concentration: number })),
  imported: anyOf(nothing, imported),
});

const llamaCpp = fits({
  version: text,
  digest,
  tools: recordOf(digest),
  numeric: fits({ backend: text, device: text, isa: text }),
});

const command = fits({
  step: text,
  tool: text,
  argv: listOf(text),
  inputs: recordOf(
    anyOf(
      fits({ from: oneOf("model"), part: optional(number) }),
      fits({ from: oneOf("corpus"), file: bare }),
      fits({ from: oneOf("result"), file: bare }),
      fits({ from: oneOf("command"), step: text, file: bare }),
    ),
    bare,
  ),
  outputs: recordOf(anyOf(nothing, digest), bare),
});

const answer: Shape = fits({
  schemaVersion: oneOf(schemaVersion),
  pipeline: pattern(/^[a-z0-9][a-z0-9._-]{0,63}$/),
  seed: number,
  choice: anyOf(nothing, fits({ type, file: bare, bytes: number, sha256: digest })),
  refused: textOrNull,
  tolerances: listOf(tolerance, 1),
  limits: listOf(limits, 1),
  decision,
  candidates: listOf(candidate, 1),
  model,
  baseline: optional(oneOf("f16", "bf16", "q8_0")),
  holdout,
  imatrix,
  ablation: optional(ablationShape),
  fit: optional(fitShape),
  corpus,
  llamaCpp,
  card: fits({ baseModel: textOrNull, quantizedBy: textOrNull, license: textOrNull, tags: listOf(text) }),
  reproduce: listOf(command),
  origins: recordOf(oneOf("measured", "derived", "estimated", "given")),
});
