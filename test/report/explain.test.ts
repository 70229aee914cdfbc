import stringWidth from "fast-string-width";
import { describe, expect, test } from "vitest";
import { sha256 } from "../../src/base/canonical.ts";
import { formatExplanation } from "../../src/report/explain.ts";
import { explanationOf } from "../../src/report/explanation.ts";
import { binsOf, spreadOf } from "../../src/report/spread.ts";
import type { Answer } from "../../src/select/answer.ts";
import { judgeGate } from "../../src/select/gate.ts";
import { answerOf, candidate, close, iq2, iq3, q4, q8, tolerance } from "./answers.ts";

const bare = { color: false, columns: 80 };
const answer = answerOf([q8, q4, close, iq2]);
const find = (of: Answer, type: string): Answer["candidates"][number] =>
  of.candidates.find((each) => each.type === type)!;
const explained = (of: Answer, type: string, options = bare): string => formatExplanation(find(of, type), of, options);
const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ");
const twoDomains = [tolerance(), tolerance({ domain: "general", name: "custom", ppl: 0.04, kld: 0.1, sameTop: 0.95 })];

describe("formatExplanation", () => {
  test("the choice", () => {
    expect(explained(answer, "Q4_K_M")).toMatchInlineSnapshot(`
      "Q4_K_M  3.52 MiB  5.10 bpw  ✓ PASS, chosen  pipeline medical

      Q4_K_M (3.52 MiB, 32 % of the full-precision file) was chosen: the smallest type
      shown to stay within the tolerance chat on medical text. After 32 of 64 held-out
      units, perplexity rises by at most 1.85 % (limit 3 %) and mean KLD is at most
      0.0280 (limit 0.06, shown after 16). At most 5 % of such decisions choose a type
      whose loss reaches a limit.

      Medical text: ✓ PASS
        Decided after 32 of 64 units. Perplexity 12.445, of the full-precision model
        12.345. Design effect 1.9 (estimated): the variance of units over that of as
        many independent tokens.

        Perplexity, limit 3 %: ✓ PASS
          units    mean  at most  critical  outcome
             16  0.81 %   3.08 %     3.351  UNDECIDED
             32  0.81 %   1.85 %     2.581  PASS
          Of 32 units the smallest has −2.07 %, the quartiles are −0.57 %, 0.50 % and
          1.84 %, and the largest has 5.60 %.
          A limit of 1.85 % or less would not have passed it after 32 units.

        Mean KLD, limit 0.06: ✓ PASS
          units    mean  at most  critical  outcome
             16  0.0213   0.0280     3.351  PASS
          Of 32 units the smallest has 0.0126, the quartiles are 0.0172, 0.0204 and
          0.0244, and the largest has 0.0352.
          A limit of 0.0280 or less would not have passed it after 16 units.

        Units by their rise of perplexity:
          −2.07 %  to −1.14 %  4  ████████████████████
          −1.14 %  to −0.20 %  8  ████████████████████████████████████████
          −0.20 %  to +0.74 %  6  ██████████████████████████████
          +0.74 %  to +1.70 %  4  ████████████████████
          +1.70 %  to +2.66 %  4  ████████████████████
          +2.66 %  to +3.63 %  2  ██████████
          +3.63 %  to +4.61 %  2  ██████████
          +4.61 %  to +5.60 %  2  ██████████

      A limit that is chosen after these numbers were seen is another decision on the
      same text: the stated confidence does not cover it.
      "
    `);
  });

  test("undecided", () => {
    expect(explained(answer, "IQ3_XXS")).toMatchInlineSnapshot(`
      "IQ3_XXS  2.49 MiB  3.61 bpw  ? UNDECIDED  pipeline medical

      IQ3_XXS (2.49 MiB) is undecided: perplexity passed (at most 2.53 %, limit 3 %),
      mean KLD did not (0.0585, limit 0.06, shown to be at most 0.0610). About 370
      units would probably decide it; the holdout has 64.

      Medical text: ? UNDECIDED
        Undecided after 64 of 64 units. Perplexity 12.592, of the full-precision model
        12.345. Design effect 0.17 (estimated): the variance of units over that of as
        many independent tokens.

        Perplexity, limit 3 %: ✓ PASS
          units    mean  at most  critical  outcome
             16  2.00 %   3.14 %     3.351  UNDECIDED
             32  2.00 %   2.53 %     2.581  PASS
          Of 64 units the smallest has 0.53 %, the quartiles are 1.30 %, 1.84 % and
          2.52 %, and the largest has 4.40 %.
          A limit of 2.53 % or less would not have passed it after 32 units.

        Mean KLD, limit 0.06: ? UNDECIDED
          units    mean  at most  critical  outcome
             16  0.0585   0.0697     3.351  UNDECIDED
             32  0.0585   0.0636     2.581  UNDECIDED
             64  0.0585   0.0610     1.907  UNDECIDED
          Of 64 units the smallest has 0.0440, the quartiles are 0.0516, 0.0570 and
          0.0636, and the largest has 0.0817.
          A limit above 0.0610 would have passed it after 64 units.
          About 370 units would probably decide it; the holdout has 64.

        Units by their rise of perplexity:
          +0.53 %  to +1.01 %   8  ████████████████████
          +1.01 %  to +1.49 %  16  ████████████████████████████████████████
          +1.49 %  to +1.97 %  12  ██████████████████████████████
          +1.97 %  to +2.45 %   8  ████████████████████
          +2.45 %  to +2.93 %   8  ████████████████████
          +2.93 %  to +3.42 %   4  ██████████
          +3.42 %  to +3.91 %   4  ██████████
          +3.91 %  to +4.40 %   4  ██████████

      A limit that is chosen after these numbers were seen is another decision on the
      same text: the stated confidence does not cover it.
      "
    `);
  });

  test("a larger one that passed too", () => {
    expect(oneLine(explained(answer, "Q8_0"))).toContain("Q8_0 (5.83 MiB) passed. The smaller Q4_K_M passed too.");
  });

  test("refused: no more text is worth it", () => {
    const text = oneLine(explained(answer, "IQ2_XS"));
    expect(text).toContain("IQ2_XS (1.94 MiB) was refused: perplexity rises by 21.13 % (limit 3 %");
    expect(text).toContain("A limit above 28.08 % would have passed it after 16 units.");
    expect(text).toContain("Its mean lies more than two standard errors beyond the limit: more text is not worth it.");
  });

  test("undecided and not measured further, because a larger one had failed", () => {
    const text = oneLine(explained(answerOf([q8, iq3, { ...close, type: "IQ3_XS", bytes: 2.4e6 }]), "IQ3_XS"));
    expect(text).toContain("16 of 64 were measured, because the larger IQ3_XXS had failed.");
    expect(text).toContain("Undecided after 16 of 64 units.");
  });

  test("undecided on one domain when the other one had failed", () => {
    const mixed = candidate("Q4_K_M", 3.5, {
      medical: { rise: [0.02, 0.02], kld: [0.0585, 0.01] },
      general: { rise: [0.2113, 0.05], kld: [0.3021, 0.03] },
    });
    const text = oneLine(explained(answerOf([q8, mixed], { tolerances: twoDomains }), "Q4_K_M"));
    expect(text).toContain("16 of 64 were measured, because another limit had refused it by then.");
    expect(text).toMatch(/General text: ✗ FAIL Decided after 16 of 64 units\./);
    expect(text).toContain("The share of tokens with the same top token, limit 95 %: ✓ PASS");
    expect(text).toMatch(/A limit of 95\.\d+ % or more would not have passed it after 16 units\./);
  });

  test("not tested, left out by rule, blocked, and in error", () => {
    const pruned = [{ type: "Q4_0", bytes: 3.4e6, by: "IQ4_XS", source: "a table" }];
    const decisive = answerOf([q8, iq3, iq2], { mode: "decisive", pruned });
    expect(explained(decisive, "IQ2_XS")).toMatchInlineSnapshot(`
      "IQ2_XS  1.94 MiB  - NOT TESTED  pipeline medical

      IQ2_XS was not tested, because the larger IQ3_XXS did not pass.
      "
    `);
    expect(explained(decisive, "Q4_0")).toMatchInlineSnapshot(`
      "Q4_0  3.24 MiB  - NOT TESTED  pipeline medical

      Q4_0 was left out by rule: IQ4_XS is no larger and does better (a table).
      "
    `);
    const blocked = answerOf([q8, close, q4]);
    expect(oneLine(explained(blocked, "Q4_K_M"))).toContain(
      "Q4_K_M passed but does not count, because the larger IQ3_XXS did not pass.",
    );
    const error = { ...find(answer, "IQ2_XS"), verdict: "ERROR" as const, domains: [] };
    expect(formatExplanation(error, answer, bare)).toContain("IQ2_XS (1.94 MiB) could not be measured.");
  });

  test("a limit below the noise: no text helps, and a limit must lie above the noise too", () => {
    const noisy = answerOf([q8, q4], {
      tolerances: [tolerance({ name: "custom", kld: 0.001 })],
      noise: { lnPplRatio: 0, kld: 0.0015, topLoss: 0 },
    });
    const text = oneLine(explained(noisy, "Q8_0"));
    expect(text).toContain("lies below what the full-precision model measures against itself (0.0015): no amount");
    expect(text).toContain("A limit above 0.0015 would have passed it after 16 units.");
  });

  test("more was measured than the verdict needed", () => {
    const text = oneLine(explained(answerOf([q8, q4], { mode: "full" }), "Q4_K_M"));
    expect(text).toContain("Decided after 32 of 64 units; 64 were measured.");
    expect(text).toContain("Of 64 units the smallest has");
  });

  test("exploratory comes first, and nothing promises the confidence", () => {
    const earlier = [{ decision: sha256("1"), pipeline: "medical", alpha: 0.05 }];
    const text = explained(answerOf([q8, q4], { ledger: { exploratory: true, earlier, spent: 0.05 } }), "Q4_K_M");
    expect(text).toMatch(/^EXPLORATORY: the error rate of this holdout was spent by 1 earlier decision/);
    expect(text).not.toContain("of such decisions");
  });

  test("80 and 120 columns: no line is wider, and colour changes no word", () => {
    const wide = answerOf([q8, q4], {
      tolerances: [tolerance({ name: "custom", ppl: null, pplDelta: 0.3, sameTop: 0.9 })],
    });
    for (const columns of [80, 120]) {
      const text = explained(wide, "Q4_K_M", { color: false, columns });
      for (const line of text.split("\n")) expect(stringWidth(line), line).toBeLessThanOrEqual(columns);
      const colored = explained(wide, "Q4_K_M", { color: true, columns });
      expect(colored).toContain("\u001b[36m✓ PASS");
      // oxlint-disable-next-line no-control-regex -- the codes are what is removed
      expect(colored.replaceAll(/\u001b\[\d+m/g, "")).toBe(text);
    }
  });

  test("hostile names draw nothing", () => {
    const evil = "q\u001b[2J\n";
    const hostile = answerOf([{ ...q8, type: evil }], { tolerances: [tolerance({ name: evil, domain: evil })] });
    expect(explained({ ...hostile, pipeline: evil }, evil)).not.toContain("\u001b");
  });
});

describe("explanationOf", () => {
  test("is JSON as it is: what it holds survives being written and read", () => {
    const explanation = explanationOf(find(answer, "IQ3_XXS"), answer);
    expect(JSON.parse(JSON.stringify(explanation))).toEqual(explanation);
    expect(explanation).toMatchObject({ pipeline: "medical", type: "IQ3_XXS", verdict: "UNDECIDED", chosen: false });
    expect(explanation.domains[0]?.gates[1]?.looks.map(({ units, critical }) => [units, critical?.toFixed(3)])).toEqual(
      [
        [16, "3.351"],
        [32, "2.581"],
        [64, "1.907"],
      ],
    );
  });

  test("the limit at which a verdict turns is the one at which the test itself turns", () => {
    const { looks } = answer.decision;
    for (const { type, domains } of answer.candidates) {
      for (const [index, gate] of (domains[0]?.gates ?? []).entries()) {
        const { turn } = explanationOf(find(answer, type), answer).domains[0]!.gates[index]!;
        const upTo = looks.filter(({ units }) => units <= turn.units);
        const values = domains[0]!.losses[gate.measure];
        expect(judgeGate(values, turn.limit * (1 + 1e-9), upTo).verdict, type).toBe("PASS");
        expect(judgeGate(values, turn.limit * (1 - 1e-9), upTo).verdict, type).not.toBe("PASS");
      }
    }
  });
});

describe("spread", () => {
  test("five numbers, between neighbours where no unit is exactly there", () => {
    expect(spreadOf([4, 1, 3, 2])).toEqual({
      units: 4,
      smallest: 1,
      lowerQuartile: 1.75,
      median: 2.5,
      upperQuartile: 3.25,
      largest: 4,
    });
    expect(spreadOf([7])).toMatchObject({ units: 1, smallest: 7, median: 7, largest: 7 });
    expect(() => spreadOf([])).toThrow(/^Internal error/);
  });

  test("every unit lies in one stretch, the largest in the last", () => {
    const bins = binsOf([0, 0.1, 0.5, 0.99, 1], 4);
    expect(bins.map(({ units }) => units)).toEqual([2, 0, 1, 2]);
    expect([bins[0]?.from, bins.at(-1)?.to]).toEqual([0, 1]);
    expect(binsOf([3, 3, 3], 8)).toEqual([{ from: 3, to: 3, units: 3 }]);
    // Neighbouring doubles: the width of a stretch is lost in rounding.
    const near = binsOf([1, 1 + Number.EPSILON], 8);
    expect(near.reduce((sum, { units }) => sum + units, 0)).toBe(2);
  });
});
