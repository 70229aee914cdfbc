import stringWidth from "fast-string-width";
import { describe, expect, test } from "vitest";
import { sha256 } from "../../src/base/canonical.ts";
import { formatAnswer } from "../../src/report/terminal.ts";
import {
  answerOf,
  candidate,
  close,
  iq2,
  iq3,
  general,
  q4,
  q4General,
  q8,
  tolerance,
  twoDomains,
  type Setting,
} from "./answers.ts";
import { runOf } from "./runs.ts";

const run = runOf([], { run: "r", seconds: 72.4, executed: 28, cached: 2, repeats: 1 });
const bare = { color: false, columns: 80 };
const chosen = answerOf([q8, q4, iq3, iq2]);

const earlier = [1, 2].map((n) => ({ decision: sha256(String(n)), pipeline: "medical", alpha: 0.05 }));
const exploratory: Setting = { ledger: { exploratory: true, earlier, spent: 0.1 } };

// oxlint-disable-next-line no-control-regex -- the codes are what is removed
const withoutCodes = (text: string): string => text.replaceAll(/\u001b\[\d+m/g, "");

describe("formatAnswer", () => {
  test("80 columns, no colour", () => {
    expect(formatAnswer(chosen, run, { ...bare, directory: "out/medical" })).toMatchInlineSnapshot(`
      "  type        size  bpw    PPL    Δ %      ≤    KLD      ≤ units verdict
        Q8_0    5.83 MiB 8.45 12.350  +0.04  +0.38 0.0006 0.0008    16 ✓ PASS
      ▶ Q4_K_M  3.52 MiB 5.10 12.445  +0.81  +1.85 0.0213 0.0280    32 ✓ PASS
        IQ3_XXS 2.49 MiB 3.61 12.841  +4.02  +5.89 0.0712 0.0846    16 ✗ FAIL
        IQ2_XS  1.94 MiB 2.81 14.953 +21.13 +28.08 0.3021 0.3356    16 ✗ FAIL

                0                 limit
        Q8_0    ●──                 ┊
      ▶ Q4_K_M   ────●───────       ┊
        IQ3_XXS                     ┊─────✗────────────
        IQ2_XS                      ┊                                     ✗›

      Δ %: rise of perplexity over the full-precision model. KLD: mean KL divergence
      from it, nats a token. ≤: the bound held against the limit. units: after how
      many it was decided. Limits: chat on medical text, perplexity 3 % and KLD 0.06.
      Plot: loss as a part of what is allowed, in the measure nearest to its limit,
      with its bounds; ┊ is the limit.

      Q4_K_M (3.52 MiB, 32 % of the full-precision file) was chosen: the smallest type
      shown to stay within the tolerance chat on medical text. After 32 of 64 held-out
      units, perplexity rises by at most 1.85 % (limit 3 %) and mean KLD is at most
      0.0280 (limit 0.06, shown after 16). At most 5 % of such decisions choose a type
      whose loss reaches a limit.
      The next smaller one, IQ3_XXS (2.49 MiB), was refused: perplexity rises by
      4.02 % (limit 3 %, two standard errors lower is still 3.19 %); mean KLD is
      0.0712 (limit 0.06, two standard errors lower is still 0.0652).

      Measured 80 of 256 units over all candidates: deciding early saved 69 %. Earlier
      decisions on this holdout on record: none.
      28 steps run, 2 cached, in 1 m 12 s. 1 tool run repeated because the output was
      incomplete.
      Results: out/medical/medical-Q4_K_M.gguf (report.html, report.md and
      reproduce.sh beside it)
      "
    `);
  });

  test("120 columns", () => {
    expect(formatAnswer(chosen, { ...run, repeats: 0 }, { ...bare, columns: 120 })).toMatchInlineSnapshot(`
      "  type         size   bpw     PPL     Δ %       ≤     KLD       ≤  units  verdict
        Q8_0     5.83 MiB  8.45  12.350   +0.04   +0.38  0.0006  0.0008     16  ✓ PASS
      ▶ Q4_K_M   3.52 MiB  5.10  12.445   +0.81   +1.85  0.0213  0.0280     32  ✓ PASS
        IQ3_XXS  2.49 MiB  3.61  12.841   +4.02   +5.89  0.0712  0.0846     16  ✗ FAIL
        IQ2_XS   1.94 MiB  2.81  14.953  +21.13  +28.08  0.3021  0.3356     16  ✗ FAIL

                0                 limit
        Q8_0    ●──                 ┊
      ▶ Q4_K_M   ────●───────       ┊
        IQ3_XXS                     ┊─────✗────────────
        IQ2_XS                      ┊                                     ✗›

      Δ %: rise of perplexity over the full-precision model. KLD: mean KL divergence from it, nats a token. ≤: the
      bound held against the limit. units: after how many it was decided. Limits: chat on medical text, perplexity
      3 % and KLD 0.06.
      Plot: loss as a part of what is allowed, in the measure nearest to its limit, with its bounds; ┊ is the limit.

      Q4_K_M (3.52 MiB, 32 % of the full-precision file) was chosen: the smallest type shown to stay within the
      tolerance chat on medical text. After 32 of 64 held-out units, perplexity rises by at most 1.85 % (limit 3 %)
      and mean KLD is at most 0.0280 (limit 0.06, shown after 16). At most 5 % of such decisions choose a type whose
      loss reaches a limit.
      The next smaller one, IQ3_XXS (2.49 MiB), was refused: perplexity rises by 4.02 % (limit 3 %, two standard
      errors lower is still 3.19 %); mean KLD is 0.0712 (limit 0.06, two standard errors lower is still 0.0652).

      Measured 80 of 256 units over all candidates: deciding early saved 69 %. Earlier decisions on this holdout on
      record: none.
      28 steps run, 2 cached, in 1 m 12 s.
      "
    `);
  });

  test("two domains: the worst one by name, and a table of both", () => {
    expect(formatAnswer(answerOf([q8, q4General, iq3], twoDomains), undefined, bare)).toMatchInlineSnapshot(`
      "  type        size  bpw worst in    PPL   Δ %     ≤    KLD      ≤ units verdict
      ▶ Q8_0    5.83 MiB 8.45 medical  12.350 +0.04 +0.38 0.0006 0.0008    16 ✓ PASS
        Q4_K_M  3.52 MiB 5.10 general  13.087 +6.01 +9.62 0.0500 0.0612    16 ✗ FAIL
        IQ3_XXS 2.49 MiB 3.61 medical  12.841 +4.02 +5.89 0.0712 0.0846    16 ✗ FAIL

        type     domain      PPL    Δ %      ≤     KLD       ≤  units  verdict
      · Q8_0     medical  12.350  +0.04  +0.38  0.0006  0.0008     16  ✓ PASS
        Q8_0     general  12.350  +0.04  +0.38  0.0006  0.0008     16  ✓ PASS
        Q4_K_M   medical  12.445  +0.81  +1.94  0.0213  0.0280     16  ✓ PASS
      · Q4_K_M   general  13.087  +6.01  +9.62  0.0500  0.0612     16  ✗ FAIL
      · IQ3_XXS  medical  12.841  +4.02  +5.89  0.0712  0.0846     16  ✗ FAIL
        IQ3_XXS  general  12.841  +4.02  +5.89  0.0712  0.0846     16  ? UNDECIDED

                0                      limit
      ▶ Q8_0    ●───                     ┊
        Q4_K_M                           ┊  ─────────✗──────────────────────
        IQ3_XXS                          ┊ ───────✗───────────────

      Δ %: rise of perplexity over the full-precision model. KLD: mean KL divergence
      from it, nats a token. ≤: the bound held against the limit. units: after how
      many it was decided. worst in: the domain whose bound is nearest to its limit,
      or furthest beyond it (· in the table by domain). Limits: chat on medical text,
      perplexity 3 % and KLD 0.06; custom on general text, perplexity 4 % and KLD 0.1.
      Plot: loss as a part of what is allowed, in the measure nearest to its limit,
      with its bounds; ┊ is the limit.

      Q8_0 (5.83 MiB, 53 % of the full-precision file) was chosen: the smallest type
      shown to stay within the tolerances chat on medical text and custom on general
      text. On medical text, after 16 of 64 held-out units, perplexity rises by at
      most 0.38 % (limit 3 %) and mean KLD is at most 0.0008 (limit 0.06); on general
      text, after 16 of 64 held-out units, perplexity rises by at most 0.38 % (limit
      4 %) and mean KLD is at most 0.0008 (limit 0.1). At most 5 % of such decisions
      choose a type whose loss reaches a limit.
      The next smaller one, Q4_K_M (3.52 MiB), was refused: on general text, mean KLD
      passed (at most 0.0612, limit 0.1), perplexity did not (6.01 %, limit 4 %, two
      standard errors lower is still 4.43 %); it passed on medical text.

      Measured 96 of 384 units over all candidates: deciding early saved 75 %. Earlier
      decisions on this holdout on record: none.
      "
    `);
  });

  test("colour: marks stay, nothing else changes, the chosen row stands out in bold", () => {
    for (const answer of [chosen, answerOf([q8, q4General, iq3], { ...twoDomains, ...exploratory })]) {
      for (const columns of [80, 120]) {
        const colored = formatAnswer(answer, run, { color: true, columns });
        expect(withoutCodes(colored)).toBe(formatAnswer(answer, run, { color: false, columns }));
        expect(colored).toContain(`\u001b[1m▶ ${answer.choice!.type}`);
        expect(colored).toContain("\u001b[36m✓ PASS");
        expect(colored).toContain("\u001b[31m✗ FAIL");
      }
    }
  });

  test("no line is wider than 80 columns, also with the longest names, extreme numbers and every column", () => {
    const wild = { rise: [8.5, 0.4], kld: [9.99, 0.5] } as const;
    const odd = [candidate("Q3_K_XXL", 38_912, wild), q8, q4, close, iq2, candidate("IQ2_XXS", 0.9999, wild)];
    for (const tolerances of [[tolerance()], [tolerance({ sameTop: 0.95 })], [tolerance({ sameTop: 0.95 }), general]]) {
      const text = formatAnswer(answerOf(odd, { mode: "full", units: 128, tolerances }), run, bare);
      for (const line of text.split("\n")) expect(stringWidth(line), line).toBeLessThanOrEqual(80);
    }
  });

  test("what a narrow terminal leaves out, a wide one shows", () => {
    const answer = answerOf([q8, iq3], { tolerances: [tolerance({ sameTop: 0.95 }), general] });
    const header = (columns: number): string => formatAnswer(answer, undefined, { ...bare, columns }).split("\n")[0]!;
    expect(header(120).split(/ {2,}/).slice(1)).toEqual([
      "type",
      "size",
      "bpw",
      "worst in",
      "PPL",
      "Δ %",
      "≤",
      "KLD",
      "≤",
      "top %",
      "≥",
      "units",
      "verdict",
    ]);
    expect(header(80)).toMatch(/^ {2}type +size worst in +Δ % +≤ +KLD +≤ +top % +≥ +units +verdict$/);
  });

  test("a number and its % stay together", () => {
    for (const columns of [40, 50, 60, 70, 80, 100])
      expect(formatAnswer(chosen, run, { ...bare, columns })).not.toMatch(/^ *%/m);
  });

  test("hostile names stay in their line and draw nothing", () => {
    const evil = "c\u001b[2J\nat";
    const hostile = answerOf([q8, { ...q4, type: evil }, iq3], {
      tolerances: [tolerance({ name: evil, domain: evil }), tolerance({ domain: "general\u001b[2J" })],
      pruned: [{ type: `${evil}2`, bytes: 1, by: evil, source: evil }],
      ledger: { exploratory: true, earlier, spent: 0.1 },
    });
    for (const columns of [80, 120]) {
      const text = formatAnswer(hostile, run, { ...bare, columns });
      expect(text).toContain(String.raw`c\x1b[2J\nat`);
      expect(text).not.toContain("\u001b");
    }
  });
});

describe("the confidence", () => {
  test("exploratory: the first line says so in plain words and what to do, and nothing below promises anything", () => {
    const text = formatAnswer(answerOf([q8, q4, iq3], exploratory), undefined, bare);
    expect(text.split("\n\n")[0]).toMatchInlineSnapshot(`
      "EXPLORATORY: the error rate of this holdout was spent by 2 earlier decisions
      (10 % in all), so the stated confidence of 95 % does not hold for this one. For
      an answer that holds, take new text for the holdout, or set planned-reruns
      before the first decision on it."
    `);
    expect(text).not.toContain("of such decisions");
    expect(formatAnswer(answerOf([q8], exploratory), undefined, { ...bare, color: true })).toMatch(
      // oxlint-disable-next-line no-control-regex -- the colour is what is looked for
      /^\u001b\[1m\u001b\[33mEXPLORATORY\u001b\[39m\u001b\[22m: the error rate/,
    );
  });

  test("otherwise what is on record, and the share of this decision", () => {
    const text = formatAnswer(
      answerOf([q8, q4, iq3], {
        plannedReruns: 1,
        ledger: { exploratory: false, earlier: earlier.slice(0, 1), spent: 0.025 },
      }),
      undefined,
      bare,
    ).replaceAll("\n", " ");
    expect(text).toContain("Earlier decisions on this holdout on record: 1, which spent 2.5 %.");
    expect(text).toContain(
      "At most 2.5 % of such decisions choose a type whose loss reaches a limit, as 5 % are divided among 2 planned " +
        "decisions.",
    );
    expect(text).not.toContain("EXPLORATORY");
  });

  test("what deciding early saved", () => {
    const cost = (setting: Setting): string => formatAnswer(answerOf([q8, q4], setting), undefined, bare);
    expect(cost({ mode: "full" })).toContain("Measured 128 of 128 units over all candidates. ");
    expect(cost({})).toContain("Measured 48 of 128 units over all candidates: deciding early saved 63 %.");
  });
});
