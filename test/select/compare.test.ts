import { describe, expect, test } from "vitest";
import { sha256 } from "../../src/base/canonical.ts";
import { formatComparison, formatComparisonMarkdown } from "../../src/report/comparison.ts";
import type { Answer } from "../../src/select/answer.ts";
import { compareAnswers } from "../../src/select/compare.ts";
import { answerOf, candidate, general, iq2, iq3, q4, q8, tolerance } from "../report/answers.ts";
import { hostileAnswer, hostileName, unprintable } from "../report/hostile.ts";

const base = answerOf([q8, q4, iq3]);
/** Q4_K_M as it is when something made it worse. */
const worse = candidate("Q4_K_M", 3.52, { rise: [0.0501, 0.016], kld: [0.0812, 0.012] });
const lost = answerOf([q8, worse, iq3]);

const codes = (before: Answer, after: Answer): string[] =>
  compareAnswers(before, after).regressions.map(({ code }) => code);
const named = (before: Answer, after: Answer): string[] =>
  compareAnswers(before, after).changes.map(({ what }) => what);
const said = (before: Answer, after: Answer): string =>
  formatComparison({ comparison: compareAnswers(before, after), before, after }, { color: false });

describe("compareAnswers", () => {
  test("the same report differs in nothing", () => {
    expect(compareAnswers(base, structuredClone(base))).toEqual({
      pipeline: "medical",
      incomparable: [],
      regressions: [],
      choice: { before: base.choice, after: base.choice },
      verdicts: [],
      bounds: [],
      changes: [],
    });
    expect(said(base, base)).toBe("medical: no regression, and the same verdicts\n");
  });

  test("another llama.cpp is named, and alone no regression", () => {
    const after = { ...base, llamaCpp: { ...base.llamaCpp, version: "0.6.0 (build 9)", digest: sha256("new tools") } };
    expect(codes(base, after)).toEqual([]);
    expect(named(base, after)).toEqual(["llama.cpp version", "llama.cpp tools"]);
    expect(said(base, after)).toContain("  llama.cpp version: 0.5.0 (build 1) → 0.6.0 (build 9)\n");
  });

  test("another corpus is named, down to the source that changed", () => {
    const sources = base.corpus.sources.map((source) => ({ ...source, kept: 90, share: 0.5 }));
    const shards = base.holdout.shards.map((shard) => ({ ...shard, sha256: sha256("other text") }));
    const after = {
      ...base,
      corpus: { ...base.corpus, sources, calibration: sha256("other calibration") },
      holdout: { ...base.holdout, shards },
    };
    expect(codes(base, after)).toEqual([]);
    expect(named(base, after)).toEqual([
      "calibration texts",
      "held-out texts",
      "documents of source notes",
      "share of source notes",
    ]);
    expect(said(base, after)).toContain("  documents of source notes: 93 → 90\n");
  });

  test("a lost PASS is a regression, and so is the larger file that is chosen instead", () => {
    expect(codes(base, lost)).toEqual(["larger-choice", "pass-lost"]);
    expect(said(base, lost)).toMatchInlineSnapshot(`
      "medical: 2 regressions

      Regressions:
        the chosen file is larger: Q4_K_M (3.52 MiB) → Q8_0 (5.83 MiB)
        Q4_K_M passed and does not any more: FAIL

      Choice:
        Q4_K_M (3.52 MiB) → Q8_0 (5.83 MiB)

      Verdicts:
        Q4_K_M: PASS → FAIL

      Bounds:
        Q4_K_M on medical text, perplexity at most 1.85 % → 6.90 % (limit 3 %)
        Q4_K_M on medical text, mean KLD at most 0.0280 → 0.0946 (limit 0.06)
      "
    `);
    // The other way round it is an improvement.
    expect(codes(lost, base)).toEqual([]);
    expect(said(lost, base)).toMatch(/^medical: no regression\n/);
  });

  test("nothing certified any more", () => {
    expect(codes(base, answerOf([iq3, iq2]))).toEqual(["nothing-certified"]);
    expect(said(base, answerOf([iq3, iq2]))).toContain("  nothing is certified any more; it was Q4_K_M (3.52 MiB)\n");
    expect(codes(answerOf([iq3, iq2]), answerOf([iq3, iq2]))).toEqual([]);
  });

  test("a PASS that does not count any more is lost", () => {
    const bad = candidate("Q8_0", 5.83, worse.loss);
    const after = answerOf([bad, q4], { mode: "full" });
    expect(after.candidates[1]).toMatchObject({ verdict: "PASS", blockedBy: "Q8_0" });
    expect(compareAnswers(answerOf([q8, q4]), after).regressions).toMatchObject([
      { code: "nothing-certified" },
      { code: "pass-lost", type: "Q8_0" },
      { code: "pass-lost", type: "Q4_K_M", after: { verdict: "PASS", blockedBy: "Q8_0" } },
    ]);
  });

  test("a candidate that is listed no more, or left out by rule, was not found to be worse", () => {
    const gone = compareAnswers(answerOf([q8, q4, iq3]), answerOf([q8, iq3]));
    expect(gone.regressions.map(({ code }) => code)).toEqual(["larger-choice"]);
    expect(gone.verdicts).toEqual([{ type: "Q4_K_M", before: { verdict: "PASS" }, after: null }]);
    const pruned = answerOf([q4, iq3], {
      pruned: [{ type: "Q8_0", bytes: q8.bytes, by: "Q4_K_M", source: "a table" }],
    });
    expect(codes(base, pruned)).toEqual([]);
    expect(said(base, pruned)).toContain("  Q8_0: PASS → left out by rule (Q4_K_M)\n");
  });

  test("a header that grew by some bytes is no larger choice; a thousandth and more is", () => {
    const grown = (bytes: number): Answer => ({
      ...base,
      choice: { ...base.choice!, bytes: base.choice!.bytes + bytes },
    });
    expect(codes(base, grown(300))).toEqual([]);
    expect(codes(base, grown(40_000))).toEqual(["larger-choice"]);
  });

  test.each<[string, Answer, string]>([
    [
      "tolerance",
      answerOf([q8, worse, iq3], { tolerances: [tolerance({ ppl: 0.02 })] }),
      "tolerance on medical text: ppl 0.03, kld 0.06 → ppl 0.02, kld 0.06",
    ],
    [
      "domain",
      answerOf([q8, worse, iq3], { tolerances: [tolerance(), general] }),
      "tolerance on general text: none → ppl 0.04, kld 0.1",
    ],
    ["confidence", { ...lost, decision: { ...lost.decision, confidence: 0.99 } }, "confidence: 0.95 → 0.99"],
  ])("another %s is not compared, and not silently", (_, after, line) => {
    expect(codes(base, after)).toEqual([]);
    expect(compareAnswers(base, after).verdicts.map(({ type }) => type)).toContain("Q4_K_M");
    expect(said(base, after)).toMatch(/^medical: not comparable with the earlier report/);
    expect(said(base, after)).toContain(`  ${line}\n`);
  });

  test("the name of a preset with the same limits changes nothing", () => {
    expect(
      compareAnswers(base, answerOf([q8, q4, iq3], { tolerances: [tolerance({ name: "custom" })] })).incomparable,
    ).toEqual([]);
  });

  test("hostile names stay text in both forms", () => {
    const after = hostileAnswer();
    const compared = { comparison: compareAnswers(base, after), before: base, after };
    const [plain, markdown] = [formatComparison(compared, { color: false }), formatComparisonMarkdown(compared)];
    expect(unprintable.test(plain + markdown)).toBe(false);
    expect(markdown).not.toMatch(/<script|(?<!\\)\[a|(?<!\\)`x|@user/);
    expect(plain.split("\n").filter((line) => /^(---|::)/.test(line))).toEqual([]);
    expect(hostileName.length).toBeGreaterThan(9);
  });
});
