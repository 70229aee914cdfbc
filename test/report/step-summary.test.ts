import { describe, expect, test } from "vitest";
import { fitLines, formatStepSummary } from "../../src/report/step-summary.ts";
import { answerOf, iq3, q4, q8 } from "./answers.ts";
import { hostileAnswer, largeAnswer, unprintable } from "./hostile.ts";

const limit = 1024 * 1024;

describe("the summary of a step", () => {
  test("has the choice, the table and why", () => {
    const answer = answerOf([q8, q4, iq3]);
    const text = formatStepSummary({ pipeline: "medical", answer, failures: [] }, limit);
    expect(text).toMatch(/^## medical: Q4_K_M\n\n\*\*medical-Q4_K_M\.gguf\*\*, 3\.52 MiB, SHA-256/);
    expect(text).toContain("\n| IQ3_XXS | 2.49 MiB |");
    expect(text).toContain("Q4_K_M (3.52 MiB, 32 % of the full-precision file) was chosen");
  });

  test("of sixty candidates on four domains is far below the limit, and whole", () => {
    const text = formatStepSummary({ pipeline: "large", answer: largeAnswer(), failures: [] }, 900_000);
    expect(Buffer.byteLength(text)).toBeLessThan(100_000);
    expect(text.split("\n").filter((line) => /^\| T\d\d_K_M /.test(line))).toHaveLength(60);
  });

  test("of failures says each, and of a run that was only a part nothing", () => {
    const text = formatStepSummary({ pipeline: "medical", failures: [{ reason: "disk-full", path: "/<b>" }] }, limit);
    expect(text).toMatch(/^\*\*error\*\* the disk is full: \/&lt;b&gt;\n\nFree some space/);
    expect(formatStepSummary({ pipeline: "medical", failures: [] }, limit)).toBe("");
  });

  test("hostile names stay text", () => {
    const text = formatStepSummary({ pipeline: "x", answer: hostileAnswer(), failures: [] }, limit);
    expect(unprintable.test(text)).toBe(false);
    expect(text).not.toMatch(/<script|(?<!\\)\[a|(?<!\\)`x|@user/);
  });
});

describe("fitLines", () => {
  const lines = Array.from({ length: 1000 }, (_, index) => `| zeile ${index} ü |`);

  test("cuts whole lines and says so", () => {
    const text = fitLines(lines, 500);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(500);
    expect(text).toMatch(/^\| zeile 0 ü \|\n/);
    expect(text).toMatch(/ü \|\n\n… there was no room for the rest: `report\.md` has all of it\.\n$/);
  });

  test.each([0, 10, 63])("keeps to a room of %i bytes", (room) => {
    expect(Buffer.byteLength(fitLines(lines, room))).toBeLessThanOrEqual(room);
  });

  test("leaves alone what fits exactly", () => {
    expect(fitLines(["ab", "c"], 5)).toBe("ab\nc\n");
  });
});
