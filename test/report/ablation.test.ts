import { expect, test } from "vitest";
import { ablationSentences, unmadeSentences } from "../../src/report/ablation-sentences.ts";
import { formatMarkdown } from "../../src/report/markdown.ts";
import { reportFiles } from "../../src/report/report-files.ts";
import { formatAnswer } from "../../src/report/terminal.ts";
import { ablated, answerOf, q4, q8 } from "./answers.ts";

const plain = answerOf([q8, q4]);
const answer = ablated(plain);

test("says in words whether a matrix helped, at which bit depth and by how much", () => {
  expect(ablationSentences(answer)).toMatchInlineSnapshot(`
    [
      "On medical text, no matrix against the matrix of the general sources: hurt at Q4_K_M (4.89 bits, KLD +19.8 %).",
      "On medical text, the matrix of the domain's sources against the matrix of the general sources: helped at IQ2_XS (2.59 bits, KLD −10.0 %); cannot be told at Q4_K_M (4.89 bits).",
      "Each difference is paired over 16 units of the search split, and all 6 intervals hold together with an error rate of 5 % (Student's t, Bonferroni). Words go by the mean KLD.",
    ]
  `);
  expect(unmadeSentences(answer.ablation!)).toEqual(["llama-quantize makes no IQ2_XS without a matrix."]);
  expect(ablationSentences(plain)).toEqual([]);
  const nothing = { ...answer.ablation!, comparisons: [] };
  expect(ablationSentences({ ...answer, ablation: nothing })).toEqual([
    "No importance matrices could be compared: no type was built with two of them.",
  ]);
});

test("stands in every form of the report, and in none without an ablation", () => {
  const page = (of: typeof answer): string => reportFiles(of).find(({ file }) => file === "report.html")?.text ?? "";
  expect(formatMarkdown(answer)).toContain("\n## Importance matrices compared\n");
  expect(formatMarkdown(answer)).toMatch(/\| IQ2_XS \| medical \| domain \| general \| .* \| helped \|/);
  expect(page(answer)).toContain('title="estimated: ablation.comparisons[0].kld.lower = ');
  expect(formatAnswer(answer, undefined, { color: false, columns: 80 }).replaceAll(/\s+/g, " ")).toContain(
    "the matrix of the domain's sources against the matrix of the general sources: helped at IQ2_XS",
  );
  expect(formatMarkdown(plain) + page(plain)).not.toContain("Importance matrices compared");
});
