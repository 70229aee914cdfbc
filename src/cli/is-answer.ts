import type { Answer } from "../select/answer.ts";
import { fits, isNumber, isText, listOf, type Check } from "./fits.ts";
import { isFit } from "./is-fit.ts";

/**
 * Whether what was read from a file has the shape of an answer, as far as explaining a candidate goes into it. A report
 * of an earlier version and one that was cut or edited are told from a bug by this. A schema library was rejected: it
 * would be loaded for one file, and the type is written down already.
 */
export const isAnswer = (value: unknown): value is Answer =>
  fits(value, {
    schemaVersion: (version) => version === 3,
    pipeline: isText,
    choice: (choice) => choice === null || fits(choice, { type: isText, bytes: isNumber }),
    refused: isTextOrNull,
    tolerances: listOf(isTolerance),
    candidates: listOf(isCandidate, 1),
    model: (model) => fits(model, { bytes: isNumber }),
    decision: isDecision,
    holdout: (holdout) => fits(holdout, { units: isNumber, domains: listOf(isDomain) }),
    fit: (fit) => fit === undefined || isFit(fit),
  });

const isTextOrNull: Check = (value) => value === null || isText(value);
const isNumberOrNull: Check = (value) => value === null || isNumber(value);
const isFlag: Check = (value) => typeof value === "boolean";
const oneOf =
  (...words: readonly string[]): Check =>
  (value) =>
    words.some((word) => word === value);
const isTolerance: Check = (value) =>
  fits(value, {
    domain: isText,
    name: isText,
    ppl: isNumberOrNull,
    pplDelta: isNumberOrNull,
    kld: isNumberOrNull,
    sameTop: isNumberOrNull,
  });

const isDecision: Check = (value) =>
  fits(value, {
    confidence: isNumber,
    alpha: isNumber,
    plannedReruns: isNumber,
    looks: listOf((look) => fits(look, { units: isNumber, critical: isNumber })),
    ledger: (ledger) => fits(ledger, { exploratory: isFlag, earlier: listOf(() => true), spent: isNumber }),
  });

const isDomain: Check = (value) =>
  fits(value, {
    domain: isText,
    noise: (noise) => fits(noise, { lnPplRatio: isNumber, kld: isNumber, topLoss: isNumber }),
  });

const isCandidate: Check = (value) =>
  fits(value, {
    type: isText,
    bytes: isNumber,
    bpw: isNumberOrNull,
    verdict: oneOf("PASS", "FAIL", "UNDECIDED", "NOT_TESTED", "ERROR"),
    prunedBy: (by) => by === undefined || fits(by, { type: isText, source: isText }),
    blockedBy: (by) => by === undefined || isText(by),
    domains: listOf(isResult),
  });

const isResult: Check = (value) =>
  fits(value, {
    domain: isText,
    units: isNumber,
    // A perplexity beyond what a double holds is written as null.
    ppl: isNumberOrNull,
    basePpl: isNumberOrNull,
    designEffect: isNumberOrNull,
    gates: listOf(isGate, 1),
    losses: (losses) => fits(losses, { lnPplRatio: isUnits, kld: isUnits, topLoss: isUnits }),
  });

const isUnits: Check = listOf(isNumber, 1);

const isGate: Check = (value) =>
  fits(value, {
    measure: oneOf("lnPplRatio", "kld", "topLoss"),
    verdict: oneOf("PASS", "FAIL", "UNDECIDED"),
    limit: isNumber,
    mean: isNumber,
    lower: isNumber,
    upper: isNumber,
    look: isNumber,
    noisy: isFlag,
    needed: isNumberOrNull,
    looks: listOf((look) => fits(look, { units: isNumber, mean: isNumber, upper: isNumber, outcome: isText }), 1),
  });
