import { describe, expect, test } from "vitest";
import { isAnswer, misfit } from "../../src/cli/answer-shape.ts";
import { formatJUnit } from "../../src/report/junit.ts";
import { reportFiles } from "../../src/report/report-files.ts";
import { formatReproduceScript } from "../../src/report/reproduce.ts";
import { formatStepSummary } from "../../src/report/step-summary.ts";
import { ablated, answerOf, inParts, iq2, iq3, q4, q4General, q8, twoDomains } from "../report/answers.ts";
import { hostileAnswer, largeAnswer } from "../report/hostile.ts";

type Path = readonly (string | number)[];

/** Every place in a JSON value, the value itself left out. */
const places = (value: unknown, path: Path = []): Path[] => {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const here = [...path, name];
    // The first of a list stands for the others.
    return Array.isArray(value) && name !== "0" ? [] : [here, ...places(inner, here)];
  });
};

const replaced = (value: unknown, [name, ...rest]: Path, by: unknown): unknown => {
  if (name === undefined) return by;
  if (Array.isArray(value))
    return value.map((item: unknown, index) => (String(index) === name ? replaced(item, rest, by) : item));
  const object = value as Record<string, unknown>;
  return { ...object, [name]: replaced(object[name], rest, by) };
};

const read = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;

/** Everything that is made of an answer. */
const renderAll = (value: unknown): void => {
  if (!isAnswer(value)) return;
  for (const { text } of reportFiles(value)) expect(typeof text).toBe("string");
  formatReproduceScript(value, { model: value.model.file });
  formatJUnit({ pipeline: value.pipeline, answer: value, failures: [] });
  formatStepSummary({ pipeline: value.pipeline, answer: value, failures: [] }, 1e6);
};

describe("an answer that was read from a file", () => {
  test.each([
    ["a usual one", answerOf([q8, q4, iq3])],
    ["two domains", answerOf([q8, q4General], twoDomains)],
    ["one without a choice", answerOf([iq3, iq2], { mode: "decisive" })],
    ["a large one", largeAnswer()],
    ["one with importance matrices compared", ablated(answerOf([q8, q4]))],
    ["a model in two files", inParts(answerOf([q8, q4]))],
  ])("%s fits", (_, answer) => {
    expect(misfit(read(answer))).toBeUndefined();
  });

  test("names that cannot be those of files are refused", () => {
    const answer = answerOf([q8]);
    expect(misfit(hostileAnswer())).toBe(".pipeline");
    expect(misfit({ ...answer, choice: { ...answer.choice, file: "../x" } })).toBe(".choice.file");
    expect(misfit(read({ ...answer, candidates: [{ ...answer.candidates[0], type: "a/b" }] }))).toBe(
      ".candidates[0].type",
    );
    expect(misfit({ ...answer, imatrix: { ...answer.imatrix, sha256: "`x`" } })).toBe(".imatrix.sha256");
    const { model, ...split } = inParts(answer);
    expect(
      misfit(read({ ...split, model: { ...model, parts: model.parts?.map((part) => ({ ...part, file: "a/b" })) } })),
    ).toBe(".model.parts[0].file");
    expect(misfit(read({ ...split, model: answer.model }))).toBe(".reproduce[0].inputs");
    expect(misfit({ ...answer, origins: { "\0": "measured" } })).toBe(".origins");
  });

  test("with anything else in any place it is refused, or everything can still be made of it", () => {
    const answer = read(inParts(answerOf([q8, q4General], twoDomains)));
    const paths = places(answer);
    expect(paths.length).toBeGreaterThan(150);
    for (const path of paths)
      for (const odd of [null, undefined, -1, "", "x\u0000", [], {}, [null], { length: 3 }])
        expect(() => renderAll(replaced(answer, path, odd)), path.join(".")).not.toThrow();
  });

  test.each([undefined, null, 7, "x", [], [[]], {}])("%j is none", (value) => {
    expect(isAnswer(value)).toBe(false);
  });
});
