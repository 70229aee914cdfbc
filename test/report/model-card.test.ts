import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { formatModelCard } from "../../src/report/model-card.ts";
import type { Answer } from "../../src/select/answer.ts";
import { sha256 } from "../../src/base/canonical.ts";
import { answerOf, iq2, iq3, q4, q8 } from "./answers.ts";
import { hostileAnswer, hostileName, unprintable } from "./hostile.ts";

const answer = answerOf([q8, q4, iq3]);

/** Keys that the Hub documents for the head of a model card. */
const known = [
  "license",
  "license_name",
  "license_link",
  "base_model",
  "base_model_relation",
  "quantized_by",
  "language",
  "library_name",
  "pipeline_tag",
  "tags",
];

/** The head as a YAML reader sees it, and the text below. */
const cut = (card: string): { head: Record<string, unknown>; body: string } => {
  const [, head = "", body = ""] = /^---\n(.*?)\n---\n(.*)$/s.exec(card) ?? [];
  return { head: parse(head) as Record<string, unknown>, body };
};

const withCard = (card: Partial<Answer["card"]>, stated: Partial<Answer["model"]["stated"]> = {}): Answer => ({
  ...answer,
  card: { ...answer.card, ...card },
  model: { ...answer.model, stated: { ...answer.model.stated, ...stated } },
});
const headOf = (...of: Parameters<typeof withCard>): Record<string, unknown> =>
  cut(formatModelCard(withCard(...of))).head;

describe("the head of a model card", () => {
  test("says nothing that is not known", () => {
    expect(headOf({})).toEqual({
      library_name: "gguf",
      pipeline_tag: "text-generation",
      tags: ["gguf", "llama.cpp", "quantized", "imatrix"],
    });
  });

  test("takes the pipeline's words before those of the model, and adds up tags", () => {
    const stated = {
      license: "MIT",
      repository: "https://huggingface.co/other/model",
      tags: ["chat", "gguf"],
      languages: ["en", "no", "english"],
    };
    expect(headOf({}, stated)).toMatchObject({ license: "mit", base_model: "other/model", language: ["en", "no"] });
    const head = headOf(
      { baseModel: "owner/model", quantizedBy: "me", license: "apache-2.0", tags: ["medical"] },
      stated,
    );
    expect(head).toMatchObject({
      license: "apache-2.0",
      base_model: "owner/model",
      base_model_relation: "quantized",
      quantized_by: "me",
      tags: ["gguf", "llama.cpp", "quantized", "imatrix", "medical", "chat"],
    });
    expect(Object.keys(head).filter((key) => !known.includes(key))).toEqual([]);
  });

  test("gives a licence that the Hub does not know as another one, with its name", () => {
    expect(headOf({ license: "My Licence 1.0" })).toMatchObject({ license: "other", license_name: "My Licence 1.0" });
    expect(
      headOf({}, { license: "other", licenseName: "clinic", licenseLink: "https://example.org/licence" }),
    ).toMatchObject({ license: "other", license_name: "clinic", license_link: "https://example.org/licence" });
    expect(headOf({}, { license: "odd", licenseLink: "javascript:alert(1)" })).not.toHaveProperty("license_link");
  });

  test.each([
    "https://example.org/owner/model",
    "https://huggingface.co/owner",
    "owner/model",
    "https://huggingface.co/a/b/c",
  ])("takes no base model from %s", (repository) => {
    expect(headOf({}, { repository })).not.toHaveProperty("base_model");
  });
});

describe("the model card", () => {
  test("lists every file that was built with size, verdict and digest, and how to run the chosen one", () => {
    const { body } = cut(formatModelCard(answer));
    expect(body).toContain(`| medical-Q8_0.gguf | 5.83 MiB | 8.45 | ✓ PASS | \`${sha256("Q8_0")}\` |`);
    expect(body).toContain(`| **medical-Q4_K_M.gguf** | 3.52 MiB | 5.10 | ✓ PASS | \`${sha256("Q4_K_M")}\` |`);
    expect(body).toContain("| medical-IQ3_XXS.gguf | 2.49 MiB | 3.61 | ✗ FAIL |");
    expect(body).toContain("llama-cli -m 'medical-Q4_K_M.gguf'\n");
    expect(body).toContain("| notes | medical | 100 % | not stated | 96 | 93 | 3 | 16,384 |");
    expect(body).toContain("Of 40 held-out documents, 1 shared a run of 13 words");
    expect(body).toContain("The model does not state its licence");
  });

  test("publishes nothing where nothing passed", () => {
    const { body } = cut(formatModelCard(answerOf([iq3, iq2])));
    expect(body).toContain("so none is published here");
    expect(body).not.toContain("How to run");
  });

  test("hostile names stay text", () => {
    const card = formatModelCard(hostileAnswer());
    const { head, body } = cut(card);
    expect(unprintable.test(card)).toBe(false);
    expect(Object.keys(head).filter((key) => !known.includes(key))).toEqual([]);
    expect(head["tags"]).toHaveLength(5);
    expect(head["quantized_by"]).toContain("=1+1<script>");
    const prose = body.replace(/\n```sh\n.*?\n```\n/s, "\n");
    expect(prose).not.toMatch(/<script|(?<!\\)\[a|(?<!\\)`x|@user/);
    // One line in the block for each command, whatever the file is called.
    expect(body.split("\n").filter((line) => line.startsWith("llama-"))).toHaveLength(2);
    expect(body.split("\n").filter((line) => /^(---|::)/.test(line))).toEqual([]);
    expect(hostileName).toMatch(unprintable);
  });
});
