import { readFileSync } from "node:fs";
import { XMLParser } from "fast-xml-parser";
import { validateXML } from "xmllint-wasm";
import { describe, expect, test } from "vitest";
import { stepId } from "../../src/base/ids.ts";
import type { EndedRun } from "../../src/report/ended.ts";
import { formatJUnit } from "../../src/report/junit.ts";
import { answerOf, close, iq2, iq3, q4, q8, twoDomains, q4General, withExtra } from "./answers.ts";
import { hostileAnswer, hostileName, largeAnswer, unprintable } from "./hostile.ts";

const schema = readFileSync(new URL("fixtures/junit.xsd", import.meta.url), "utf8");

const faults = async (text: string): Promise<readonly string[]> => {
  const { errors } = await validateXML({
    xml: [{ fileName: "junit.xml", contents: text }],
    schema: [{ fileName: "junit.xsd", contents: schema }],
  });
  return errors.map(({ message }) => message);
};

interface ReadCase {
  readonly name: string;
  readonly classname: string;
  readonly failure?: { readonly type: string };
  readonly error?: { readonly type: string };
  readonly skipped?: unknown;
}
interface ReadSuite extends Record<"tests" | "failures" | "errors" | "skipped", string> {
  readonly name: string;
  readonly testcase?: readonly ReadCase[];
}

const read = (text: string): { readonly testsuites: ReadSuite & { readonly testsuite: readonly ReadSuite[] } } =>
  new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "",
    isArray: (name) => name === "testsuite" || name === "testcase",
  }).parse(text) as ReturnType<typeof read>;

const casesOf = (text: string): ReadCase[] => read(text).testsuites.testsuite.flatMap(({ testcase }) => testcase ?? []);

/** `class name: outcome` of each case. */
const outcomes = (text: string): string[] =>
  casesOf(text).map(({ name, classname, failure, error, skipped }) => {
    const outcome = failure?.type ?? error?.type ?? (skipped === undefined ? "passed" : "skipped");
    return `${classname} | ${name} | ${failure ? "failure " : error ? "error " : ""}${outcome}`;
  });

const run = (extra: Partial<EndedRun> = {}): EndedRun => ({ pipeline: "medical", failures: [], ...extra });

describe("formatJUnit", () => {
  test("a case for each candidate and gate, with the outcome that the verdict is", () => {
    const answer = answerOf([q8, iq3, iq2], { mode: "decisive" });
    expect(outcomes(formatJUnit(run({ answer })))).toEqual([
      "medical | a quant is certified | passed",
      "medical.Q8_0 | verdict | passed",
      "medical.Q8_0 | medical: perplexity | passed",
      "medical.Q8_0 | medical: KL divergence | passed",
      "medical.IQ3_XXS | verdict | failure FAIL",
      "medical.IQ3_XXS | medical: perplexity | failure FAIL",
      "medical.IQ3_XXS | medical: KL divergence | failure FAIL",
      "medical.IQ2_XS | verdict | skipped",
      "medical.IQ2_XS | medical: perplexity | skipped",
      "medical.IQ2_XS | medical: KL divergence | skipped",
    ]);
  });

  test("undecided is a failure, a PASS that does not count is skipped, and ERROR an error", () => {
    const undecided = outcomes(formatJUnit(run({ answer: answerOf([close, q4], { mode: "full" }) })));
    expect(undecided).toContain("medical | a quant is certified | failure nothing-certified");
    expect(undecided).toContain("medical.IQ3_XXS | verdict | failure UNDECIDED");
    expect(undecided).toContain("medical.Q4_K_M | verdict | skipped");
    expect(undecided).toContain("medical.Q4_K_M | medical: perplexity | passed");
    const broken = answerOf([withExtra(q8, { verdict: "ERROR", domains: [] })]);
    expect(outcomes(formatJUnit(run({ answer: broken })))).toContain("medical.Q8_0 | verdict | error ERROR");
  });

  test("each gated domain has its cases", () => {
    const names = outcomes(formatJUnit(run({ answer: answerOf([q8, q4General], twoDomains) })));
    expect(names).toContain("medical.Q4_K_M | medical: perplexity | passed");
    expect(names).toContain("medical.Q4_K_M | general: perplexity | failure FAIL");
  });

  test("a run that failed has an error for each failure and no cases of candidates", () => {
    const failure = { reason: "disk-full", path: "/store" } as const;
    const stalled = { reason: "tool-stalled", tool: "llama-x", step: stepId("imatrix"), seconds: 5, log: "x" } as const;
    const text = formatJUnit(run({ failures: [failure, stalled] }));
    expect(outcomes(text)).toEqual([
      "medical | failure 1: disk-full | error disk-full",
      "medical | failure 2: tool-stalled | error tool-stalled",
    ]);
    expect(text).toContain('<error message="the disk is full: /store" type="disk-full">the disk is full: /store\n');
  });

  test("counts add up", () => {
    const { testsuites } = read(formatJUnit(run({ answer: answerOf([q8, q4, iq3, iq2]) })));
    for (const field of ["tests", "failures", "errors", "skipped"] as const)
      expect(testsuites.testsuite.reduce((sum, suite) => sum + Number(suite[field]), 0)).toBe(
        Number(testsuites[field]),
      );
    for (const suite of testsuites.testsuite) expect(suite.testcase).toHaveLength(Number(suite.tests));
  });

  test.each<[string, EndedRun]>([
    ["a usual run", run({ answer: answerOf([q8, q4, iq3, iq2]) })],
    ["two domains", run({ answer: answerOf([q8, q4General], twoDomains) })],
    ["nothing passed", run({ answer: answerOf([iq3, iq2]) })],
    ["nothing at all", run()],
    ["a failure", run({ failures: [{ reason: "unusable-argument", message: hostileName }] })],
    ["hostile names", run({ pipeline: hostileName, answer: hostileAnswer() })],
    ["sixty candidates on four domains", run({ answer: largeAnswer() })],
  ])("%s fits the schema", async (_, ended) => {
    const text = formatJUnit(ended);
    expect(await faults(text)).toEqual([]);
    expect(unprintable.test(text)).toBe(false);
  });

  test("the schema would tell", async () => {
    const text = formatJUnit(run({ answer: answerOf([q8]) }));
    expect(await faults(text.replace(' tests="', ' test="'))).not.toEqual([]);
    expect(await faults(text.replace("medical: KL divergence", "verdict"))).not.toEqual([]);
  });
});
