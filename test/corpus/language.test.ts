import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { languageOfWords } from "../../src/corpus/common-words.ts";
import { languageOf } from "../../src/corpus/language.ts";
import { sentences } from "./languages.ts";

const root = fileURLToPath(new URL("../../corpora/", import.meta.url));
const languagesIn = async (glob: string): Promise<string[]> => {
  const files = globSync(glob, { cwd: root, exclude: (name) => name.endsWith("prompts.yaml") });
  return Promise.all(files.map((file) => languageOf(readFileSync(root + file, "utf8"))));
};

describe("languageOf", () => {
  test.each(Object.entries(sentences))("tells %s from a few sentences, and from many", async (language, text) => {
    expect(await languageOf(text)).toBe(language);
    expect(await languageOf(`${text} `.repeat(20))).toBe(language);
    expect(await languageOf(text.slice(0, 70))).toBe(language);
  });

  test.each([
    ["nothing", ""],
    ["a word", "Fever"],
    ["numbers", "12.5 7.3 140/90 88 250 12 3 ".repeat(10)],
    ["a row of laboratory values", "Na 140 K 4.1 Cl 102 HCO3 24 BUN 14 Cr 0.9 Glu 98"],
    ["code", "for (let i = 0; i < values.length; i += 1) { total += values[i] * weights[i]; }"],
    ["SQL", "SELECT id, name FROM patients WHERE born >= '1950-01-01' AND ward = 7;"],
    ["base64", "aGVsbG8gd29ybGQgdGhpcyBpcyBiYXNlNjQ=".repeat(5)],
    ["letters in no order", "xqzt vbnm plkj wrty qwer zxcv asdf ghjk"],
    ["halves of characters", "\ud83d".repeat(100)],
  ])("says nothing of %s", async (_, text) => {
    expect(await languageOf(text)).toBe("und");
  });

  test("looks at the beginning only, and never at all of a long text", async () => {
    const english = `${sentences["en"]} `.repeat(6);
    expect(await languageOf(english + `${sentences["ru"]} `.repeat(50))).toBe("en");
    expect(await languageOf("a".repeat(20_000_000))).toBe("und");
  });

  test("is not misled by a heading in another language", async () => {
    for (const language of ["de", "sv", "ru", "ja"])
      expect(await languageOf(`Letter to the ward of the hospital\n\n${`${sentences[language]} `.repeat(6)}`)).toBe(
        language,
      );
  });

  test("takes the shipped texts for English, and most of the shipped code for none", async () => {
    for (const domain of ["medical", "legal", "finance", "general"])
      expect([...new Set(await languagesIn(`${domain}/*/*.*`))], domain).toEqual(["en"]);
    const code = await languagesIn("code/*/*.*");
    expect(code.filter((language) => language === "und").length).toBeGreaterThan(code.length / 2);
  });
});

describe("languageOfWords", () => {
  const wordsOf = (text: string): string[] => `${text} `.repeat(6).toLowerCase().split(" ");

  test("never takes a language for another", () => {
    for (const [language, text] of Object.entries(sentences))
      expect([language, undefined]).toContain(languageOfWords(wordsOf(text)));
  });

  test("leaves a text in two languages, and one of few words, to others", () => {
    expect(languageOfWords(wordsOf(`${sentences["en"]} ${sentences["de"]}`))).toBeUndefined();
    expect(languageOfWords(["the", "and", "with", "fever"])).toBeUndefined();
    expect(languageOfWords([])).toBeUndefined();
    expect(languageOfWords(["constructor", "__proto__"])).toBeUndefined();
  });
});
