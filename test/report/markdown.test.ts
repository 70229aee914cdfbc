import { describe, expect, test } from "vitest";
import { escapeMarkdown } from "../../src/report/escape-markdown.ts";
import { formatMarkdown } from "../../src/report/markdown.ts";
import type { Answer } from "../../src/select/answer.ts";
import { sha256 } from "../../src/base/canonical.ts";
import { answerOf, candidate, iq2, iq3, q4, q8, tolerance, withExtra } from "./answers.ts";

const chosen = answerOf([q8, withExtra(q4, { fallbacks: { q5_0: 3, f16: 1 } }), iq3]);

const cells = (line: string): number => line.replaceAll(String.raw`\|`, "").split("|").length;

/** The same value with the names of every object in the other order. */
const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, inner]) => [name, reversed(inner)]),
  );
};

describe("formatMarkdown", () => {
  test("the whole report", () => {
    expect(formatMarkdown(chosen)).toMatchInlineSnapshot(`
      "# medical: Q4_K_M

      **medical-Q4_K_M.gguf**, 3.52 MiB, SHA-256 \`42deb74305e56147014ee5a158ceca8a7d60a55f7d120fa4da790658488c15cd\`

      ![Size against loss of 3 candidates: the loss as a part of the tolerance](curve.svg)

      | type | size | bpw | PPL | Δ % | ≤ | KLD | ≤ | units | verdict |
      | :--- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | :--- |
      | Q8_0 | 5.83 MiB | 8.45 | 12.350 | +0.04 | +0.38 | 0.0006 | 0.0008 | 16 | ✓ PASS |
      | **Q4_K_M** | **3.52 MiB** | **5.10** | **12.445** | **+0.81** | **+1.85** | **0.0213** | **0.0280** | **32** | **✓ PASS** |
      | IQ3_XXS | 2.49 MiB | 3.61 | 12.841 | +4.02 | +5.89 | 0.0712 | 0.0846 | 16 | ✗ FAIL |

      Δ %: rise of perplexity over the full-precision model. KLD: mean KL divergence from it, nats a token. ≤: the bound held against the limit. units: after how many it was decided. Limits: chat on medical text, perplexity 3 % and KLD 0.06.

      ## Why

      Q4_K_M (3.52 MiB, 32 % of the full-precision file) was chosen: the smallest type shown to stay within the tolerance chat on medical text. After 32 of 64 held-out units, perplexity rises by at most 1.85 % (limit 3 %) and mean KLD is at most 0.0280 (limit 0.06, shown after 16). At most 5 % of such decisions choose a type whose loss reaches a limit.

      The next smaller one, IQ3_XXS (2.49 MiB), was refused: perplexity rises by 4.02 % (limit 3 %, two standard errors lower is still 3.19 %); mean KLD is 0.0712 (limit 0.06, two standard errors lower is still 0.0652).

      Earlier decisions on this holdout on record: none.

      ## What was measured

      - Model: pocket-f16.gguf (Pocket, llama, F16, 5,767,424 parameters, 11.1 MiB), SHA-256 \`9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4\`.
      - Holdout: 64 units of medical text, in 1 shard; a unit has 512 tokens, of which 255 are scored; context 512, cache f16.
      - The full-precision model on medical text: perplexity 12.345 over 64 units; against itself ln(PPL ratio) 0.00001, KLD 0.00002, same top token 99.96 %.
      - Every llama-perplexity was given: -b 512 -fa off.
      - Search split: 8 units, not used for the decision.
      - llama.cpp: 0.5.0 (build 1), digest \`f9d35d43770d39092a663e665e82ae1d84a9e0da3d0d10c407acada6a40cd281\`, on cpu, cpu, x86-64-v3.
      - Seed: 7.

      <details><summary>Decision</summary>

      - Mode ladder: every candidate gets the first look, and only those that it leaves undecided go on.
      - Confidence 95 %, one-sided; error rate of this decision 5 %.
      - Measured 64 of 192 units over all candidates: deciding early saved 67 %.

      A loss passes at the first look at which Hall's t lies below minus the critical value, and is refused at the first at which its mean lies more than two standard errors above the limit:

      | look | units | level | critical value |
      | ---: | ---: | ---: | ---: |
      | 1 | 16 | 0.219 % | 3.351 |
      | 2 | 32 | 0.74 % | 2.581 |
      | 3 | 64 | 3.06 % | 1.907 |

      </details>

      <details><summary>Calibration</summary>

      Importance matrix over 32 chunks of 512 tokens, SHA-256 \`c47da9d1acd0c64997d618e675f55cb6972bd5b342b6bb24e697192d8d054324\`.

      | source | domain | share | documents | kept | used | chunks | tokens |
      | :--- | :--- | ---: | ---: | ---: | ---: | ---: | ---: |
      | notes | medical | 100 % | 96 | 93 | 40 | 32 | 16,384 |

      - notes: dropped 2 duplicate, 1 too-short; 12 lines of boilerplate removed; replaced 4 email.
      - Overlap: of 40 held-out documents, 1 shared a run of 13 words with text that may calibrate and was dropped; 3 runs were left out as boilerplate.

      </details>

      <details><summary>Importance matrix</summary>

      - Mixed of the sources' own matrices: notes counts as 32 of its 32 chunks.
      - Covers 42 weights; 16,384 tokens reached the one, or the expert, that the fewest reached.
      - The pipeline asks for no coverage.
      - Outside the blocks, where it never collects any: token_embd.weight.

      | weights with the largest activations | importance | evenness | strongest 1 % |
      | :--- | ---: | ---: | ---: |
      | blk.5.ffn_down.weight | 12.50 | 0.810 | 12 % |

      </details>

      <details><summary>Tensors with another type than asked for</summary>

      - Q4_K_M: 1 tensor as f16, 3 tensors as q5_0

      </details>

      ## How to reproduce

      \`reproduce.sh\`, beside this file, rebuilds and measures the choice again with 1 command. In an empty directory:

      \`\`\`sh
      LLAMA_CPP_DIR=/path/to/llama.cpp/build/bin sh /path/to/reproduce.sh [MODEL.gguf]
      \`\`\`

      It checks the model and every file with a recorded digest, and keeps what each tool printed.

      <details><summary>How the numbers came to be</summary>

      The field \`origins\` of \`report.json\` says it for every number: sizes and counts are measured, means derived, bounds estimated.

      - Measured: Read off a file or printed by a tool.
      - Derived: Computed from measured numbers without an assumption.
      - Estimated: Holds under a model, here that units of text are independent draws of their domain.
      - Given: Set by the pipeline file, or by a rule of this program before anything was measured.

      </details>
      "
    `);
  });

  test("the same answer gives the same bytes, also when it was read back from JSON in another order", () => {
    expect(formatMarkdown(reversed(JSON.parse(JSON.stringify(chosen))) as Answer)).toBe(formatMarkdown(chosen));
  });

  test("nothing passed", () => {
    const text = formatMarkdown(answerOf([iq3, iq2]));
    expect(text).toMatch(/^# medical: no quant passed\n\n!\[[^\]]+\]\(curve.svg\)\n\n\| type /);
    expect(text).toContain("measures the full-precision model again");
  });

  test("exploratory: the first line of the file says so", () => {
    const earlier = [{ decision: sha256("1"), pipeline: "medical", alpha: 0.05 }];
    const text = formatMarkdown(answerOf([q8, q4], { ledger: { exploratory: true, earlier, spent: 0.05 } }));
    expect(text.split("\n")[0]).toMatchInlineSnapshot(
      `"> **EXPLORATORY**: the error rate of this holdout was spent by 1 earlier decision (5 % in all), so the stated confidence of 95 % does not hold for this one. For an answer that holds, take new text for the holdout, or set planned-reruns before the first decision on it."`,
    );
    expect(text).toContain("\n\n# medical: Q4_K_M\n");
    expect(text).toContain("Earlier decisions on this holdout on record: 1, which spent 5 %.");
    expect(text).not.toContain("of such decisions");
  });

  test("two domains: a table of both, and what each was measured on", () => {
    const tolerances = [
      tolerance(),
      tolerance({ domain: "general", name: "custom", ppl: 0.04, kld: 0.1, sameTop: 0.95 }),
    ];
    const text = formatMarkdown(answerOf([q8, iq3], { tolerances, plannedReruns: 4, mode: "decisive" }));
    expect(text.slice(text.indexOf("| type"), text.indexOf("Δ %: rise"))).toMatchInlineSnapshot(`
      "| type | size | bpw | worst in | PPL | Δ % | ≤ | KLD | ≤ | top % | ≥ | units | verdict |
      | :--- | ---: | ---: | :--- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | :--- |
      | **Q8_0** | **5.83 MiB** | **8.45** | **general** | **12.350** | **+0.04** | **+0.50** | **0.0006** | **0.0009** | **97.00** | **95.46** | **16** | **✓ PASS** |
      | IQ3_XXS | 2.49 MiB | 3.61 | medical | 12.841 | +4.02 | +6.61 | 0.0712 | 0.0896 | – | – | 16 | ✗ FAIL |

      "
    `);
    expect(text.slice(text.indexOf("## By domain"), text.indexOf("- llama.cpp:"))).toMatchInlineSnapshot(`
      "## By domain

      | type | domain | PPL | Δ % | ≤ | KLD | ≤ | top % | ≥ | units | verdict |
      | :--- | :--- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | :--- |
      | **Q8_0** | **medical** | **12.350** | **+0.04** | **+0.50** | **0.0006** | **0.0009** | **–** | **–** | **16** | **✓ PASS** |
      | **Q8_0** | **general** | **12.350** | **+0.04** | **+0.50** | **0.0006** | **0.0009** | **97.00** | **95.46** | **16** | **✓ PASS** |
      | IQ3_XXS | medical | 12.841 | +4.02 | +6.61 | 0.0712 | 0.0896 | – | – | 16 | ✗ FAIL |
      | IQ3_XXS | general | 12.841 | +4.02 | +6.61 | 0.0712 | 0.0896 | 97.00 | 95.46 | 16 | ? UNDECIDED |

      ## What was measured

      - Model: pocket-f16.gguf (Pocket, llama, F16, 5,767,424 parameters, 11.1 MiB), SHA-256 \`9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4\`.
      - Holdout: 64 units of medical and general text each, in 2 shards; a unit has 512 tokens, of which 255 are scored; context 512, cache f16.
      - The full-precision model on medical text: perplexity 12.345 over 64 units; against itself ln(PPL ratio) 0.00001, KLD 0.00002, same top token 99.96 %.
      - The full-precision model on general text: perplexity 12.345 over 64 units; against itself ln(PPL ratio) 0.00001, KLD 0.00002, same top token 99.96 %.
      - Every llama-perplexity was given: -b 512 -fa off.
      - Search split: 8 units, not used for the decision.
      "
    `);
    expect(text.slice(text.indexOf("<summary>Decision"), text.indexOf("<summary>Calibration"))).toMatchInlineSnapshot(`
      "<summary>Decision</summary>

      - Mode decisive: from the largest file down, up to the first that does not pass.
      - Confidence 95 %, one-sided; error rate of this decision 1 % (what the confidence leaves, divided by 5 planned decisions).
      - Measured 64 of 256 units over all candidates: deciding early saved 75 %.

      A loss passes at the first look at which Hall's t lies below minus the critical value, and is refused at the first at which its mean lies more than two standard errors above the limit:

      | look | units | level | critical value |
      | ---: | ---: | ---: | ---: |
      | 1 | 16 | 0.0437 % | 4.139 |
      | 2 | 32 | 0.143 % | 3.239 |
      | 3 | 64 | 0.584 % | 2.598 |

      </details>

      <details>"
    `);
  });

  test("what was not tested has dashes and a reason, and no digest or size in bits stands anywhere", () => {
    const pruned = [{ type: "Q4_0", bytes: 3 * 2 ** 20, by: "IQ4_XS", source: "a table" }];
    const text = formatMarkdown(answerOf([q8, iq3, iq2], { mode: "decisive", pruned }));
    expect(text).toContain("| Q4_0 | 3.00 MiB | – | – | – | – | – | – | – | - NOT TESTED |");
    expect(text).toContain("\nQ4_0 was left out by rule: IQ4_XS is no larger and does better (a table).\n");
    expect(text).toContain("\nIQ2_XS was not tested, because the larger IQ3_XXS did not pass.\n");
    expect(text).not.toMatch(/null|undefined|NaN/);
  });

  test("99th percentiles stand there with the remark that no test is behind them", () => {
    const text = formatMarkdown(answerOf([withExtra(q8, { p99Kld: { value: 0.6, warn: 0.5 } })]));
    expect(text).toContain("(no error rate, (\\!) above 0.5): Q8_0 0.6000 (\\!).");
  });

  test("hostile names neither break the table nor become markup", () => {
    const evil = "a|b`c`<img src=x onerror=alert(1)>\n# heading\n[x](javascript:1) https://evil.example @you *b* _i_";
    const answer = answerOf(
      [candidate(evil, 5, { rise: [0, 0.001], kld: [0.001, 0.0001] }), { ...iq3, type: `${evil}2` }],
      {
        tolerances: [tolerance({ name: evil, domain: evil }), tolerance({ domain: `${evil}3` })],
        pruned: [{ type: `${evil}4`, bytes: 1, by: evil, source: evil }],
        ledger: { exploratory: true, earlier: [], spent: 0 },
        extra: {
          pipeline: evil,
          model: { ...chosen.model, file: evil, name: evil },
          corpus: { ...chosen.corpus, sources: [{ ...chosen.corpus.sources[0]!, id: evil }] },
          holdout: { ...chosen.holdout, flags: [evil], domains: [{ ...chosen.holdout.domains[0]!, domain: evil }] },
        },
      },
    );
    const text = formatMarkdown(answer);
    expect(text).not.toMatch(/<img|(?<!\\)[\]`*]\(?javascript|https:\/\/|@you/);
    expect(text.match(/^# /gm)).toHaveLength(1);
    const [first = "", ...tables] = text.split(/\n\n(?=\|)/);
    expect(first).toContain("EXPLORATORY");
    for (const lines of tables.map((each) => each.split("\n\n")[0]!.split("\n")))
      expect(new Set(lines.map(cells)).size, lines.join("\n")).toBe(1);
  });
});

test("escapeMarkdown leaves what people search for", () => {
  expect(escapeMarkdown("Q4_K_M, 3.52 MiB (95 %), imatrix/notes")).toBe("Q4_K_M, 3.52 MiB (95 %), imatrix/notes");
  expect(escapeMarkdown("_a_ *b* `c` |")).toBe(String.raw`\_a\_ \*b\* \`c\` \|`);
});
