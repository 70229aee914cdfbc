import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import type { RunRecord } from "../../src/run/record.ts";
import type { Answer } from "../../src/select/answer.ts";
import { formatAnswer } from "../../src/report/terminal.ts";
import { answerOf, candidate, iq2, iq3, q4, q8 } from "./answers.ts";

const run: RunRecord = {
  schemaVersion: 1,
  run: "r",
  startedAt: "2026-01-01T12:03:44Z",
  seconds: 72.4,
  host: { name: "h", platform: "linux", cpu: "c", cores: 2 },
  node: "v24",
  version: "0.1.0",
  argv: [],
  toolchain: { directory: "/t", version: "0.5.0" },
  store: "/s",
  hashedBytes: 0,
  executed: 28,
  cached: 2,
  repeats: 1,
  steps: [],
};
const bare = { color: false, columns: 80 };
const chosen = answerOf([q8, q4, iq3, iq2]);
const undecided = candidate("IQ3_XXS", 2.49, "UNDECIDED", [0.02, 0.001], [0.058, 0.00204]);

// oxlint-disable-next-line no-control-regex -- the codes are what is removed
const withoutCodes = (text: string): string => text.replaceAll(/\u001b\[\d+m/g, "");
const sentences = (answer: Answer): string =>
  formatAnswer(answer, undefined, bare).split("\n\n").at(-1)!.replaceAll("\n", " ").trim();

describe("formatAnswer", () => {
  test("80 columns, no colour", () => {
    expect(formatAnswer(chosen, run, { ...bare, directory: "out/medical" })).toMatchInlineSnapshot(`
      "  type         size   bpw     PPL     Δ %       ≤     KLD       ≤  verdict
        Q8_0     5.83 MiB  8.45  12.350   +0.04   +0.13  0.0006  0.0007  ✓ PASS
      ▶ Q4_K_M   3.52 MiB  5.10  12.445   +0.81   +1.34  0.0213  0.0237  ✓ PASS
        IQ3_XXS  2.49 MiB  3.61  12.841   +4.02   +4.65  0.0712  0.0762  ✗ FAIL
        IQ2_XS   1.94 MiB  2.81  14.953  +21.13  +23.58  0.3021  0.3221  ✗ FAIL

      Δ %: rise of perplexity over the full-precision model. KLD: mean KL divergence
      from it, nats a token. ≤: upper bound at 95 % confidence. Limits (chat): 3 % and
      0.06.

      Q4_K_M (3.52 MiB, 32 % of the full-precision file) was chosen: the smallest type
      shown to stay within the tolerance chat. On 32 held-out units of medical text,
      at 95 % confidence, perplexity rises by at most 1.34 % (limit 3 %) and mean KLD
      is at most 0.0237 (limit 0.06).
      The next smaller one, IQ3_XXS (2.49 MiB), was refused: perplexity rises by at
      least 3.40 % (95 %), limit 3 %; mean KLD is at least 0.0662 (95 %), limit 0.06.

      28 steps run, 2 cached, in 1 m 12 s. 1 tool run repeated because the output was
      incomplete.
      Results: out/medical/medical-Q4_K_M.gguf (report.md and reproduce.sh beside it)
      "
    `);
  });

  test("120 columns", () => {
    expect(formatAnswer(chosen, { ...run, repeats: 0 }, { ...bare, columns: 120 })).toMatchInlineSnapshot(`
      "  type         size   bpw     PPL     Δ %       ≤     KLD       ≤  verdict
        Q8_0     5.83 MiB  8.45  12.350   +0.04   +0.13  0.0006  0.0007  ✓ PASS
      ▶ Q4_K_M   3.52 MiB  5.10  12.445   +0.81   +1.34  0.0213  0.0237  ✓ PASS
        IQ3_XXS  2.49 MiB  3.61  12.841   +4.02   +4.65  0.0712  0.0762  ✗ FAIL
        IQ2_XS   1.94 MiB  2.81  14.953  +21.13  +23.58  0.3021  0.3221  ✗ FAIL

      Δ %: rise of perplexity over the full-precision model. KLD: mean KL divergence from it, nats a token. ≤: upper
      bound at 95 % confidence. Limits (chat): 3 % and 0.06.

      Q4_K_M (3.52 MiB, 32 % of the full-precision file) was chosen: the smallest type shown to stay within the
      tolerance chat. On 32 held-out units of medical text, at 95 % confidence, perplexity rises by at most 1.34 %
      (limit 3 %) and mean KLD is at most 0.0237 (limit 0.06).
      The next smaller one, IQ3_XXS (2.49 MiB), was refused: perplexity rises by at least 3.40 % (95 %), limit 3 %;
      mean KLD is at least 0.0662 (95 %), limit 0.06.

      28 steps run, 2 cached, in 1 m 12 s.
      "
    `);
  });

  test("colour: marks stay, nothing else changes, the chosen row stands out in bold", () => {
    for (const columns of [80, 120]) {
      const colored = formatAnswer(chosen, run, { color: true, columns });
      expect(withoutCodes(colored)).toBe(formatAnswer(chosen, run, { color: false, columns }));
      expect(colored).toContain("\u001b[1m▶ Q4_K_M");
      expect(colored).toContain("\u001b[36m✓ PASS");
      expect(colored).toContain("\u001b[31m✗ FAIL");
    }
  });

  test("no line is wider than 80 columns, also with the longest names and extreme numbers", () => {
    const odd = [
      candidate("Q3_K_XXL", 38_912, "UNDECIDED", [8.5, 0.4], [9.99, 0.5], { ppl: 98_765.4, bpw: 4.5 }),
      candidate("IQ2_XXS", 999.9, "NOT_TESTED", [Number.NaN, 0], [Number.NaN, 0], { ppl: Number.NaN, bpw: 2.5 }),
    ];
    const text = formatAnswer(answerOf([...chosen.candidates, undecided, ...odd]), run, bare);
    for (const line of text.split("\n")) expect(stringWidth(line)).toBeLessThanOrEqual(80);
    expect(text).toContain("- NOT TESTED");
  });

  test("hostile names stay in their line and draw nothing", () => {
    const answer = answerOf([q8], { tolerance: { ...chosen.tolerance, name: "c\u001b[2J\nat" } });
    expect(formatAnswer(answer, undefined, bare)).toContain(String.raw`c\x1b[2J\nat`);
    expect(formatAnswer(answer, undefined, bare)).not.toContain("\u001b");
  });
});

describe("what is said", () => {
  test("chosen, and what the next smaller one failed on", () => {
    expect(sentences(chosen)).toMatchInlineSnapshot(
      `"Q4_K_M (3.52 MiB, 32 % of the full-precision file) was chosen: the smallest type shown to stay within the tolerance chat. On 32 held-out units of medical text, at 95 % confidence, perplexity rises by at most 1.34 % (limit 3 %) and mean KLD is at most 0.0237 (limit 0.06). The next smaller one, IQ3_XXS (2.49 MiB), was refused: perplexity rises by at least 3.40 % (95 %), limit 3 %; mean KLD is at least 0.0662 (95 %), limit 0.06."`,
    );
  });

  test("everything passed", () => {
    expect(sentences(answerOf([q8, q4]))).toMatch(/ No smaller type was tried: every candidate passed\.$/);
  });

  test("the next smaller one is undecided: that is no refusal, and the bound is told from the limit", () => {
    expect(sentences(answerOf([q8, q4, undecided]))).toContain(
      "The next smaller one, IQ3_XXS (2.49 MiB), is undecided: mean KLD is at most 0.06004 (95 %), limit 0.06, and at " +
        "least 0.0560. More units of text could decide it.",
    );
  });

  test("nothing passed: what came closest", () => {
    expect(sentences(answerOf([iq2, iq3]))).toMatchInlineSnapshot(
      `"No type was shown to stay within the tolerance chat on 32 held-out units of medical text. The closest, IQ3_XXS (2.49 MiB), was refused: perplexity rises by at least 3.40 % (95 %), limit 3 %; mean KLD is at least 0.0662 (95 %), limit 0.06."`,
    );
    expect(sentences(answerOf([candidate("Q8_0", 5, "ERROR", [Number.NaN, 0], [Number.NaN, 0])]))).toBe(
      "No type was shown to stay within the tolerance chat on 32 held-out units of medical text.",
    );
  });

  test("a PASS behind a candidate without one is marked and explained", () => {
    const text = formatAnswer(answerOf([q8, undecided, { ...q4, blockedBy: "IQ3_XXS" }]), undefined, bare);
    expect(text).toContain("✓ (PASS)");
    expect(text).toContain("Q4_K_M passed but does not count, because the larger IQ3_XXS did not pass.");
    expect(text).toContain("▶ Q8_0");
  });

  test("the next smaller one was not measured", () => {
    const broken = candidate("IQ2_XS", 1.9, "ERROR", [Number.NaN, 0], [Number.NaN, 0]);
    expect(sentences(answerOf([q8, broken]))).toContain(
      "The next smaller one, IQ2_XS (1.90 MiB), could not be measured.",
    );
  });
});
