import { describe, expect, test } from "vitest";
import { formatAnswer } from "../../src/report/terminal.ts";
import type { Answer } from "../../src/select/answer.ts";
import {
  answerOf,
  candidate,
  close,
  iq2,
  iq3,
  q4,
  q4General,
  q8,
  tolerance,
  twoDomains,
  withExtra,
  type Setting,
} from "./answers.ts";

const bare = { color: false, columns: 80 };
const chosen = answerOf([q8, q4, iq3, iq2]);
const sameTop: Setting = { tolerances: [tolerance({ name: "custom", sameTop: 0.96 })] };
const absolute: Setting = { tolerances: [tolerance({ name: "custom", ppl: null, pplDelta: 0.3, kld: null })] };

/** What is said of the choice and of the next smaller one, in one line. */
const sentences = (answer: Answer): string =>
  formatAnswer(answer, undefined, bare).split("\n\n").at(-2)!.replaceAll("\n", " ").trim();

describe("what is said", () => {
  test("chosen, and what the next smaller one failed on", () => {
    expect(sentences(chosen)).toMatchInlineSnapshot(
      `"Q4_K_M (3.52 MiB, 32 % of the full-precision file) was chosen: the smallest type shown to stay within the tolerance chat on medical text. After 32 of 64 held-out units, perplexity rises by at most 1.85 % (limit 3 %) and mean KLD is at most 0.0280 (limit 0.06, shown after 16). At most 5 % of such decisions choose a type whose loss reaches a limit. The next smaller one, IQ3_XXS (2.49 MiB), was refused: perplexity rises by 4.02 % (limit 3 %, two standard errors lower is still 3.19 %); mean KLD is 0.0712 (limit 0.06, two standard errors lower is still 0.0652)."`,
    );
  });

  test("everything passed", () => {
    expect(sentences(answerOf([q8, q4]))).toMatch(/ No smaller type was tried: every candidate passed\.$/);
  });

  test("everything that was tested passed, and one was left out by rule", () => {
    const pruned = [{ type: "Q4_0", bytes: 2 ** 21, by: "IQ4_XS", source: "a table" }];
    const answer = answerOf([q8, q4], { pruned });
    expect(sentences(answer)).toMatch(/ No smaller type was refused: every candidate that was tested passed\.$/);
    const text = formatAnswer(answer, undefined, bare);
    expect(text).toContain("Q4_0 was left out by rule: IQ4_XS is no larger and does better (a table).");
    expect(text).toMatch(/^ {2}Q4_0 +2\.00 MiB( +–){7} +- NOT TESTED$/m);
  });

  test("the next smaller one is undecided: the bound is told from the limit, and how many units would do", () => {
    expect(sentences(answerOf([q8, q4, close]))).toMatchInlineSnapshot(
      `"Q4_K_M (3.52 MiB, 32 % of the full-precision file) was chosen: the smallest type shown to stay within the tolerance chat on medical text. After 32 of 64 held-out units, perplexity rises by at most 1.85 % (limit 3 %) and mean KLD is at most 0.0280 (limit 0.06, shown after 16). At most 5 % of such decisions choose a type whose loss reaches a limit. The next smaller one, IQ3_XXS (2.49 MiB), is undecided: perplexity passed (at most 2.53 %, limit 3 %), mean KLD did not (0.0585, limit 0.06, shown to be at most 0.0610). About 370 units would probably decide it; the holdout has 64."`,
    );
    const closer = candidate("IQ3_XXS", 2.49, { rise: [0.01, 0.01], kld: [0.05728, 0.011] });
    expect(sentences(answerOf([q8, closer]))).toContain("shown to be at most 0.06002");
  });

  test("undecided although the usual number of units was there", () => {
    const answer = answerOf([q8, close]);
    const [first, last] = answer.candidates;
    const domains = last!.domains.map((domain) => ({
      ...domain,
      gates: domain.gates.map((gate) => ({ ...gate, needed: 60 })),
    }));
    expect(sentences({ ...answer, candidates: [first!, { ...last!, domains }] })).toMatch(
      /Somewhat more than the 64 units of the holdout would probably decide it\.$/,
    );
  });

  test("undecided with a mean that is not below its limit", () => {
    const hopeless = candidate("Q4_K_M", 3.5, { rise: [0.031, 0.02], kld: [0.02, 0.01] });
    expect(sentences(answerOf([q8, hopeless]))).toContain(
      "In the mean, perplexity does not stay below its limit: more text is not expected to let it pass.",
    );
  });

  test("perplexity passed and KLD refused, with both numbers", () => {
    const flat = candidate("Q3_K_M", 3, { rise: [0.01, 0.01], kld: [0.0712, 0.012] });
    expect(sentences(answerOf([q8, flat]))).toMatchInlineSnapshot(
      `"Q8_0 (5.83 MiB, 53 % of the full-precision file) was chosen: the smallest type shown to stay within the tolerance chat on medical text. After 16 of 64 held-out units, perplexity rises by at most 0.38 % (limit 3 %) and mean KLD is at most 0.0008 (limit 0.06). At most 5 % of such decisions choose a type whose loss reaches a limit. The next smaller one, Q3_K_M (3.00 MiB), was refused: perplexity passed (at most 2.13 %, limit 3 %), mean KLD did not (0.0712, limit 0.06, two standard errors lower is still 0.0652)."`,
    );
  });

  test("a limit below the noise of the measurement: no amount of text can show it", () => {
    const setting: Setting = {
      tolerances: [tolerance({ name: "custom", kld: 0.001 })],
      noise: { lnPplRatio: 0, kld: 0.0015, topLoss: 0 },
    };
    expect(sentences(answerOf([q8, q4], setting))).toMatchInlineSnapshot(
      `"No type was shown to stay within the tolerance custom on medical text, with up to 64 held-out units. The closest, Q8_0 (5.83 MiB), is undecided: perplexity passed (at most 0.38 %, limit 3 %), mean KLD did not (0.0006, limit 0.001, within the noise of the measurement). The limit of mean KLD, 0.001, lies below what the full-precision model measures against itself (0.0015): no amount of text can show it."`,
    );
  });

  test("two domains: which one refuses, and which one passed", () => {
    expect(sentences(answerOf([q8, q4General, iq3], twoDomains))).toMatchInlineSnapshot(
      `"Q8_0 (5.83 MiB, 53 % of the full-precision file) was chosen: the smallest type shown to stay within the tolerances chat on medical text and custom on general text. On medical text, after 16 of 64 held-out units, perplexity rises by at most 0.38 % (limit 3 %) and mean KLD is at most 0.0008 (limit 0.06); on general text, after 16 of 64 held-out units, perplexity rises by at most 0.38 % (limit 4 %) and mean KLD is at most 0.0008 (limit 0.1). At most 5 % of such decisions choose a type whose loss reaches a limit. The next smaller one, Q4_K_M (3.52 MiB), was refused: on general text, mean KLD passed (at most 0.0612, limit 0.1), perplexity did not (6.01 %, limit 4 %, two standard errors lower is still 4.43 %); it passed on medical text."`,
    );
  });

  test("two domains with one tolerance", () => {
    const tolerances = [tolerance(), tolerance({ domain: "general" })];
    expect(sentences(answerOf([q8], { tolerances }))).toContain(
      "within the tolerance chat on medical and general text",
    );
  });

  test("a domain that was not measured is named", () => {
    const answer = answerOf([q8, close], twoDomains);
    const [first, last] = answer.candidates;
    const cut = { ...last!, domains: last!.domains.filter(({ domain }) => domain === "medical") };
    expect(sentences({ ...answer, candidates: [first!, cut] })).toContain("it was not measured on general text");
  });

  test("an absolute rise is shown beside the ratio that it became", () => {
    expect(sentences(answerOf([q8, q4, iq3], absolute))).toMatchInlineSnapshot(
      `"Q4_K_M (3.52 MiB, 32 % of the full-precision file) was chosen: the smallest type shown to stay within the tolerance custom on medical text. After 32 of 64 held-out units, perplexity rises by at most 0.229 or 1.85 % (limit 0.3 or 2.43 %) and mean KLD is at most 0.0280 (limit 0.048, shown after 16). At most 5 % of such decisions choose a type whose loss reaches a limit. The next smaller one, IQ3_XXS (2.49 MiB), was refused: perplexity rises by 0.496 or 4.02 % (limit 0.3 or 2.43 %, two standard errors lower is still 0.394 or 3.19 %); mean KLD is 0.0712 (limit 0.048, two standard errors lower is still 0.0652)."`,
    );
    expect(formatAnswer(answerOf([q8], absolute), undefined, bare).replaceAll("\n", " ")).toContain(
      "Limits: custom on medical text, perplexity 0.3 or 2.43 % and KLD 0.048.",
    );
  });

  test("the same top token is a share of tokens, bounded from below", () => {
    const worse = candidate("Q4_K_M", 3.52, { rise: [0.0081, 0.01], kld: [0.0213, 0.006], top: [0.06, 0.01] });
    expect(sentences(answerOf([q8, worse], sameTop))).toMatchInlineSnapshot(
      `"Q8_0 (5.83 MiB, 53 % of the full-precision file) was chosen: the smallest type shown to stay within the tolerance custom on medical text. After 32 of 64 held-out units, perplexity rises by at most 0.38 % (limit 3 %, shown after 16), mean KLD is at most 0.0008 (limit 0.06, shown after 16) and the share of tokens with the same top token is at least 96.49 % (limit 96 %). At most 5 % of such decisions choose a type whose loss reaches a limit. The next smaller one, Q4_K_M (3.52 MiB), was refused: perplexity passed (at most 1.94 %, limit 3 %), mean KLD passed (at most 0.0280, limit 0.06), the share of tokens with the same top token did not (94.00 %, limit 96 %, two standard errors higher is still 94.50 %)."`,
    );
    expect(formatAnswer(answerOf([q8, worse], sameTop), undefined, { ...bare, columns: 120 })).toMatch(
      /Q4_K_M .* 94\.00 +92\.88 +16 +✗ FAIL$/m,
    );
  });

  test("nothing passed: what came closest", () => {
    expect(sentences(answerOf([iq2, iq3]))).toMatchInlineSnapshot(
      `"No type was shown to stay within the tolerance chat on medical text, with up to 64 held-out units. The closest, IQ3_XXS (2.49 MiB), was refused: perplexity rises by 4.02 % (limit 3 %, two standard errors lower is still 3.19 %); mean KLD is 0.0712 (limit 0.06, two standard errors lower is still 0.0652)."`,
    );
    const broken = answerOf([q8]);
    const none = {
      ...broken,
      choice: null,
      refused: "Q8_0",
      candidates: [{ ...broken.candidates[0]!, verdict: "ERROR" as const, domains: [] }],
    };
    expect(sentences(none)).toBe(
      "No type was shown to stay within the tolerance chat on medical text, with up to 64 held-out units.",
    );
    expect(formatAnswer(none, undefined, bare)).toMatch(/( +–){6} +! ERROR$/m);
  });

  test("a PASS behind a candidate without one is marked and explained", () => {
    const text = formatAnswer(answerOf([q8, close, q4]), undefined, bare);
    expect(text).toContain("✓ (PASS)");
    expect(text).toContain("Q4_K_M passed but does not count, because the larger IQ3_XXS did not pass.");
    expect(text).toContain("▶ Q8_0");
  });

  test("what lies behind the first refusal is not tested in decisive mode, and says why in one sentence", () => {
    const answer = answerOf([q8, q4, iq3, iq2, candidate("IQ1_S", 1.5, iq2.loss)], { mode: "decisive" });
    const text = formatAnswer(answer, undefined, bare);
    expect(text).toContain("IQ2_XS and IQ1_S were not tested, because the larger IQ3_XXS did not pass.");
    expect(text.match(/^ {2}IQ(?:2_XS|1_S) .*( +–){7} +- NOT TESTED$/gm)).toHaveLength(2);
  });

  test("the next smaller one was not measured", () => {
    const answer = answerOf([q8, iq2]);
    const broken = { ...answer.candidates[1]!, verdict: "ERROR" as const, domains: [] };
    expect(sentences({ ...answer, candidates: [answer.candidates[0]!, broken] })).toContain(
      "The next smaller one, IQ2_XS (1.94 MiB), could not be measured.",
    );
  });

  test("more units than a verdict needed are shown beside it", () => {
    const text = formatAnswer(answerOf([q8, q4, iq3], { mode: "full", units: 128 }), undefined, bare);
    expect(text).toMatch(/^▶ Q4_K_M .* 32\/128 +✓ PASS$/m);
  });

  test("99th percentiles have no error rate, and those above the warning are marked", () => {
    const quiet = withExtra(q8, { p99Kld: { value: 0.01, warn: 0.5 } });
    const loud = withExtra(iq3, { p99Kld: { value: 0.91, warn: 0.5 } });
    const text = (answer: Answer): string => formatAnswer(answer, undefined, bare).replaceAll("\n", " ");
    expect(text(answerOf([quiet, loud]))).toContain(
      "99th percentile of the KLD of single tokens (no error rate, (!) above 0.5): Q8_0 0.0100, IQ3_XXS 0.9100 (!).",
    );
    expect(text(answerOf([quiet, iq3]))).toContain("(no error rate, none above 0.5): Q8_0 0.0100.");
    expect(text(chosen)).not.toContain("99th");
  });
});
