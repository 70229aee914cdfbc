import { describe, expect, test } from "vitest";
import { escapeMarkdown } from "../../src/report/escape-markdown.ts";
import { formatMarkdown } from "../../src/report/markdown.ts";
import type { Answer } from "../../src/select/answer.ts";
import { answerOf, candidate, iq2, iq3, q4, q8 } from "./answers.ts";

const chosen = answerOf([q8, { ...q4, fallbacks: { q5_0: 3, f16: 1 } }, iq3]);

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

      | type | size | bpw | PPL | Δ % | ≤ | KLD | ≤ | verdict |
      | :--- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | :--- |
      | Q8_0 | 5.83 MiB | 8.45 | 12.350 | +0.04 | +0.13 | 0.0006 | 0.0007 | ✓ PASS |
      | **Q4_K_M** | **3.52 MiB** | **5.10** | **12.445** | **+0.81** | **+1.34** | **0.0213** | **0.0237** | **✓ PASS** |
      | IQ3_XXS | 2.49 MiB | 3.61 | 12.841 | +4.02 | +4.65 | 0.0712 | 0.0762 | ✗ FAIL |

      Δ %: rise of perplexity over the full-precision model. KLD: mean KL divergence from it, nats a token. ≤: upper bound at 95 % confidence. Limits (chat): 3 % and 0.06.

      ## Why

      Q4_K_M (3.52 MiB, 32 % of the full-precision file) was chosen: the smallest type shown to stay within the tolerance chat. On 32 held-out units of medical text, at 95 % confidence, perplexity rises by at most 1.34 % (limit 3 %) and mean KLD is at most 0.0237 (limit 0.06).

      The next smaller one, IQ3_XXS (2.49 MiB), was refused: perplexity rises by at least 3.40 % (95 %), limit 3 %; mean KLD is at least 0.0662 (95 %), limit 0.06.

      ## What was measured

      - Model: pocket-f16.gguf (Pocket, llama, F16, 5,767,424 parameters, 11.1 MiB), SHA-256 \`9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4\`. Its perplexity on the holdout is 12.345.
      - Holdout: 32 units of medical text in 1 shard; a unit has 512 tokens, of which 255 are scored; context 512, cache f16.
      - Search split: 8 units, not used for the decision.
      - llama.cpp: 0.5.0 (build 1), digest \`f9d35d43770d39092a663e665e82ae1d84a9e0da3d0d10c407acada6a40cd281\`, on cpu, cpu, x86-64-v3.
      - Seed: 7.

      ### Calibration

      Importance matrix over 32 chunks of 512 tokens, SHA-256 \`c47da9d1acd0c64997d618e675f55cb6972bd5b342b6bb24e697192d8d054324\`.

      | source | domain | share | documents | kept | used | chunks | tokens |
      | :--- | :--- | ---: | ---: | ---: | ---: | ---: | ---: |
      | notes | medical | 100 % | 96 | 93 | 40 | 32 | 16,384 |

      - notes: dropped 2 duplicate, 1 too-short; 12 lines of boilerplate removed; replaced 4 email.
      - Overlap: of 40 held-out documents, 1 shared a run of 13 words with text that may calibrate and was dropped; 3 runs were left out as boilerplate.

      ### Tensors with another type than asked for

      - Q4_K_M: 1 tensor as f16, 3 tensors as q5_0

      ## How to reproduce

      \`reproduce.sh\`, beside this file, rebuilds and measures the choice again with 1 command. In an empty directory:

      \`\`\`sh
      LLAMA_CPP_DIR=/path/to/llama.cpp/build/bin sh /path/to/reproduce.sh [MODEL.gguf]
      \`\`\`

      It checks the model and every file with a recorded digest, and keeps what each tool printed.

      ## How the numbers came to be

      - bytes: measured
      - kld.upper95: estimated
      - ppl: derived

      Measured: read off a file or printed by a tool. Derived: computed from measured numbers without an assumption. Estimated: holds under a model, here that units of text are independent draws of their domain.
      "
    `);
  });

  test("the same answer gives the same bytes, also when it was read back from JSON in another order", () => {
    expect(formatMarkdown(reversed(JSON.parse(JSON.stringify(chosen))) as Answer)).toBe(formatMarkdown(chosen));
  });

  test("nothing passed", () => {
    const text = formatMarkdown(answerOf([iq3, iq2]));
    expect(text).toMatch(/^# medical: no quant passed\n\n\| type /);
    expect(text).toContain("measures the full-precision model again");
  });

  test("hostile names neither break the table nor become markup", () => {
    const evil = "a|b`c`<img src=x onerror=alert(1)>\n# heading\n[x](javascript:1) https://evil.example @you *b* _i_";
    const answer = answerOf([candidate(evil, 5, "PASS", [0, 0.001], [0, 0.001])], {
      pipeline: evil,
      tolerance: { ...chosen.tolerance, name: evil },
      model: { ...chosen.model, file: evil, name: evil },
      corpus: { ...chosen.corpus, sources: [{ ...chosen.corpus.sources[0]!, id: evil }] },
    });
    const text = formatMarkdown(answer);
    expect(text).not.toMatch(/<img|(?<!\\)[\]`*]\(?javascript|https:\/\/|@you/);
    expect(text.match(/^# /gm)).toHaveLength(1);
    for (const line of text.split("\n").filter((each) => each.startsWith("| ")))
      expect([10, 11]).toContain(cells(line));
  });
});

test("escapeMarkdown leaves what people search for", () => {
  expect(escapeMarkdown("Q4_K_M, 3.52 MiB (95 %), imatrix/notes")).toBe("Q4_K_M, 3.52 MiB (95 %), imatrix/notes");
  expect(escapeMarkdown("_a_ *b* `c` |")).toBe(String.raw`\_a\_ \*b\* \`c\` \|`);
});
