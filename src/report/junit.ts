import type { Failure } from "../base/failure.ts";
import type { Answer, ReportedCandidate } from "../select/answer.ts";
import type { GateResult } from "../select/choose.ts";
import { measures, type Measure } from "../select/verdict.ts";
import { notesOf } from "./answer-notes.ts";
import { choiceSentence } from "./answer-sentences.ts";
import { describeFailure } from "./describe-failure.ts";
import type { EndedRun } from "./ended.ts";
import { measureWords } from "./gate-words.ts";
import { verdictSentence } from "./refusal.ts";
import { safe } from "./safe.ts";

/**
 * A run as JUnit XML: a suite for the run and one for each candidate, a case for its verdict and for each of its gates,
 * measured or not, so that the same pipeline always has the same cases. Written by hand: it is three elements, and a builder
 * would still have to be told what XML cannot hold. It has no times, so that one answer gives the same bytes.
 */
export const formatJUnit = (ended: EndedRun): string => {
  const suites = [runSuite(ended), ...(ended.answer?.candidates ?? []).map((each) => candidateSuite(each, ended))];
  const all = suites.flatMap(({ cases }) => cases);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: ended.pipeline, ...countsOf(all) })}>`,
    ...suites.map(({ name, cases }) => suiteText(name, cases)),
    "</testsuites>",
    "",
  ].join("\n");
};

interface Suite {
  readonly name: string;
  readonly cases: readonly Case[];
}

/** `outcome` is absent for a case that passed. */
interface Case {
  readonly name: string;
  readonly outcome?: {
    readonly kind: "failure" | "error" | "skipped";
    readonly type: string;
    readonly message: string;
  };
}

/** Whether the pipeline did what it is for, and each step that failed. */
const runSuite = ({ pipeline, answer, failures }: EndedRun): Suite => ({
  name: pipeline,
  cases: [...(answer === undefined ? [] : [certified(answer)]), ...failures.map(failureCase)],
});

const certified = (answer: Answer): Case => ({
  name: "a quant is certified",
  ...(answer.choice === null
    ? { outcome: { kind: "failure", type: "nothing-certified", message: choiceSentence(answer) } }
    : {}),
});

const failureCase = (failure: Failure, index: number): Case => {
  const { headline, details, help } = describeFailure(failure);
  const message = [headline, ...details, ...(help === undefined ? [] : [help])].join("\n");
  return { name: `failure ${index + 1}: ${failure.reason}`, outcome: { kind: "error", type: failure.reason, message } };
};

const candidateSuite = (candidate: ReportedCandidate, { pipeline, answer }: EndedRun): Suite => ({
  name: `${pipeline}.${candidate.type}`,
  cases: answer === undefined ? [] : [verdictCase(candidate, answer), ...gateCases(candidate, answer)],
});

const verdictCase = (candidate: ReportedCandidate, answer: Answer): Case => {
  const { type, verdict, blockedBy } = candidate;
  const name = "verdict";
  const message = [`${type} ${verdictSentence(candidate, answer)}`, ...notesOf(candidate, answer)].join("\n");
  if (verdict === "PASS" && blockedBy === undefined) return { name };
  if (verdict === "PASS") return { name, outcome: { kind: "skipped", type: "blocked", message } };
  const kinds = { FAIL: "failure", UNDECIDED: "failure", NOT_TESTED: "skipped", ERROR: "error" } as const;
  return { name, outcome: { kind: kinds[verdict], type: verdict, message } };
};

const gateCases = ({ domains }: ReportedCandidate, answer: Answer): Case[] =>
  answer.limits.flatMap((limits) =>
    measures.flatMap((measure) => {
      if (limits[measure] === null) return [];
      const gates = domains.find(({ domain }) => domain === limits.domain)?.gates;
      const gate = gates?.find((each) => each.measure === measure);
      return [gateCase(limits.domain, measure, gate, answer)];
    }),
  );

const gateNames: Readonly<Record<Measure, string>> = {
  lnPplRatio: "perplexity",
  kld: "KL divergence",
  topLoss: "same top token",
};

/** Nothing shown is a failure as well: only a PASS counts. */
const gateCase = (domain: string, measure: Measure, gate: GateResult | undefined, answer: Answer): Case => {
  const name = `${domain}: ${gateNames[measure]}`;
  if (gate === undefined) return { name, outcome: { kind: "skipped", type: "NOT_TESTED", message: "not measured" } };
  if (gate.verdict === "PASS") return { name };
  const { subject, verb, side, number, limit } = measureWords(answer, domain, gate);
  const message = `${subject} ${verb} ${number(gate.mean)}, shown to be ${side} ${number(gate.upper)}; limit ${limit}`;
  return { name, outcome: { kind: "failure", type: gate.verdict, message } };
};

const countsOf = (cases: readonly Case[]): Readonly<Record<string, string>> => {
  const count = (kind: string): string => String(cases.filter(({ outcome }) => outcome?.kind === kind).length);
  return { tests: String(cases.length), failures: count("failure"), errors: count("error"), skipped: count("skipped") };
};

const suiteText = (name: string, cases: readonly Case[]): string =>
  [
    `  <testsuite${attributes({ name, ...countsOf(cases) })}>`,
    ...cases.map((each) => caseText(name, each)),
    "  </testsuite>",
  ].join("\n");

const caseText = (classname: string, { name, outcome }: Case): string => {
  const head = `    <testcase${attributes({ name, classname })}`;
  if (outcome === undefined) return `${head}/>`;
  const { kind, type, message } = outcome;
  const [first = ""] = message.split("\n");
  if (kind === "skipped") return `${head}><skipped${attributes({ message: first })}/></testcase>`;
  return `${head}><${kind}${attributes({ message: first, type })}>${body(message)}</${kind}></testcase>`;
};

const attributes = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${xml(value)}"`)
    .join("");

const body = (message: string): string => message.split("\n").map(xml).join("\n");

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** What is no character of XML 1.0 is an escape once it is safe. */
const xml = (text: string): string =>
  safe(text).replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
