import { expect, test } from "vitest";
import type { Answer } from "../../src/select/answer.ts";
import { imatrixSentences } from "../../src/report/imatrix-sentences.ts";
import { imatrixSection } from "../../src/report/markdown-imatrix.ts";
import { answerOf, q4, q8 } from "./answers.ts";

const chosen = answerOf([q8, q4]);

const withMatrix = (imatrix: Partial<Answer["imatrix"]>): Answer => ({
  ...chosen,
  imatrix: { ...chosen.imatrix, ...imatrix },
});

const covered = (coverage: Partial<Answer["imatrix"]["coverage"]>): Answer =>
  withMatrix({ coverage: { ...chosen.imatrix.coverage, ...coverage } });

const thin = [{ weight: "blk.0.ffn_up_exps.weight", experts: [3, 5], of: 64, tokens: 7 }];

test("a matrix without a remark has none", () => {
  expect(imatrixSentences(chosen)).toEqual([]);
});

test("experts that no text reached are told of where nobody asked", () => {
  expect(imatrixSentences(covered({ thin })).join()).toContain("No calibration text reached some experts of 1 weight");
  expect(imatrixSection(covered({ thin }))).toContain("experts 3, 5 (2 of 64), the least with 7 tokens");
});

test("pins and top-ups are always said", () => {
  const pinned = { type: "Q8_0", weights: ["blk.0.ffn_up_exps.weight"] };
  const topUp = { outcome: "exhausted", sources: [{ id: "general", chunks: 12 }] } as const;
  const answer = covered({ gate: { minTokens: 256, experts: 0.05 }, thin, pinned, topUp });
  expect(imatrixSentences(answer)).toEqual(["Too little calibration text reached 1 weight: Q8_0 in smaller quants."]);
  const section = imatrixSection(answer);
  expect(section).toContain("12 chunks of general, after which the sources were exhausted");
  expect(section).toContain("Given the type Q8_0 in smaller quants");
});

test("a matrix that may be of another model is warned of, whatever its file and its texts are called", () => {
  const imported = {
    file: "im\u001batrix.gguf",
    format: "gguf",
    datasets: ["<b>x</b>.txt"],
    chunkCount: 8,
    chunkSize: 512,
    likeness: { median: 0.42, least: 0.1 },
    suspect: true,
  } as const;
  const answer = withMatrix({ imported, sources: [] });
  expect(imatrixSentences(answer).join()).toContain("(median cosine 0.42 against two chunks of it)");
  const section = imatrixSection(answer);
  expect(section).not.toContain("<b>");
  expect(section).not.toContain("\u001b");
});
