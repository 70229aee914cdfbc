import stringWidth from "fast-string-width";
import { describe, expect, test } from "vitest";
import { formatAnswer } from "../../src/report/terminal.ts";
import { answerOf, candidate, close, iq2, iq3, q4, q8 } from "./answers.ts";
import { manyCandidates } from "./many.ts";
import type { Answer } from "../../src/select/answer.ts";

/** The plot alone: from the line with the word `limit` above it to the next empty line. */
const plotOf = (answer: Answer, columns: number, color = false): string[] => {
  const lines = formatAnswer(answer, undefined, { color, columns }).split("\n");
  // oxlint-disable-next-line no-control-regex -- the codes are what is removed
  const bare = lines.map((line) => line.replaceAll(/\u001b\[\d+m/g, ""));
  const from = bare.findIndex((line) => /^ *0 +limit$/.test(line));
  return from === -1 ? [] : lines.slice(from, bare.indexOf("", from));
};

const answer = answerOf([q8, q4, close, iq2], {
  pruned: [{ type: "Q4_0", bytes: 3 * 2 ** 20, by: "IQ4_XS", source: "a table" }],
});

describe("the curve in text", () => {
  test("a line a candidate, with the mark of its verdict; what was not tested says so", () => {
    expect(plotOf(answer, 80).join("\n")).toMatchInlineSnapshot(`
      "          0                 limit
        Q8_0    ●──                 ┊
      ▶ Q4_K_M   ────●───────       ┊
        Q4_0    - not tested
        IQ3_XXS                   ─?┼
        IQ2_XS                      ┊                                     ✗›"
    `);
  });

  test("the marks lie where the numbers are", () => {
    const [axis = "", ...lines] = plotOf(answer, 80);
    const limit = axis.indexOf("limit") + 2;
    const at = (type: string, mark: string): number => lines.find((line) => line.includes(type))!.indexOf(mark);
    const zero = axis.indexOf("0");
    const { candidates } = answer;
    const chosen = candidates.find(({ type }) => type === "Q4_K_M")!.domains[0]!.gates;
    const part = Math.max(...chosen.map(({ upper, limit: most }) => upper / most));
    const worst = chosen.find(({ upper, limit: most }) => upper / most === part)!;
    expect(Math.abs(at("Q4_K_M", "●") - (zero + (worst.mean / worst.limit) * (limit - zero)))).toBeLessThanOrEqual(1);
    expect(at("Q8_0", "┊")).toBe(limit);
    expect(at("IQ2_XS", "✗")).toBeGreaterThan(limit);
  });

  test("no line is wider than the terminal; one too narrow has none", () => {
    for (const columns of [40, 60, 80, 120])
      for (const line of plotOf(answer, columns)) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
    expect(plotOf(answer, 60)).not.toEqual([]);
    expect(plotOf(answer, 28)).toEqual([]);
  });

  test("of very many candidates those around the choice, and how many more there are", () => {
    const lines = plotOf(manyCandidates(60, 1), 80);
    expect(lines).toHaveLength(1 + 16 + 1);
    expect(lines.filter((line) => line.startsWith("▶"))).toHaveLength(1);
    expect(lines.at(-1)).toBe("  and 44 more candidates in the table");
  });

  test("nothing measured, no plot", () => {
    const none = { ...answer, choice: null, candidates: answer.candidates.filter(({ type }) => type === "Q4_0") };
    expect(plotOf(none, 80)).toEqual([]);
  });

  test("what lies beyond the end keeps its mark, before the sign for more", () => {
    const far = candidate("IQ1_S", 1, { rise: [9, 0.4], kld: [9, 0.5] });
    expect(plotOf(answerOf([q8, far]), 80).at(-1)).toMatch(/✗›$/);
  });

  test("hostile names stay in their line", () => {
    const evil = "x\u001b[2J\n".repeat(30);
    const lines = plotOf(answerOf([q8, { ...iq3, type: evil }]), 80);
    expect(lines).toHaveLength(3);
    expect(lines.join("")).not.toContain("\u001b");
  });
});
