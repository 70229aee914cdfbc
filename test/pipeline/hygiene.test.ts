import { describe, expect, test } from "vitest";
import { parsePipeline } from "../../src/pipeline/load.ts";
import { brief, memoryReader, pipelineFile, problemsOf, withMistake, world } from "./memory-reader.ts";

const withCorpus = (keys: string): string => withMistake(["seed: 7", keys]);
const said = async (keys: string) => brief(await problemsOf(withCorpus(keys)));

const loaded = async (keys: string) => {
  const result = await parsePipeline(pipelineFile, withCorpus(keys), memoryReader(world));
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value.pipeline.corpus;
};

describe("hygiene", () => {
  test("can be turned off, key by key", async () => {
    const keys = `short: allow
  overlap-limit: 0%
  hygiene:
    nfc: false
    control-characters: false
    boilerplate: false
    min-length: 0
    max-length: 64M characters
    languages: [SV, en, sv]
    duplicates: false
    near-duplicates: false
    secrets: false
    unreadable: Skip`;
    expect(await loaded(keys)).toMatchObject({
      short: "allow",
      overlapLimit: 0,
      hygiene: {
        nfc: false,
        controlCharacters: false,
        boilerplate: false,
        minLength: 0,
        maxLength: 64_000_000,
        languages: ["en", "sv"],
        duplicates: false,
        nearDuplicates: false,
        secrets: false,
        unreadable: "skip",
      },
    });
  });

  test("leaves what is not named as it is by default", async () => {
    const { hygiene: usual } = await loaded("seed: 7");
    expect((await loaded("hygiene: {}")).hygiene).toEqual(usual);
    expect((await loaded("hygiene: { secrets: false }")).hygiene).toEqual({ ...usual, secrets: false });
    expect((await loaded("hygiene: { languages: ANY }")).hygiene).toEqual(usual);
  });

  const lengths = "the accepted units are `characters`, `k` (1,000) and `M` (1,000,000)";

  test.each([
    ["short: alow", "«alow» `alow` is not a way (did you mean `allow`?)"],
    ["short: false", '«false» `short` must be a way such as `allow`, not `false` (put it in quotes: `"false"`)'],
    ["overlap-limit: 101%", "«101%» `overlap-limit` must be at most `100%`, not `101%`"],
    [
      "overlap-limit: 0.1",
      "«0.1» `overlap-limit` must be a percentage such as `10%`, not `0.1` (the accepted unit is `%`: did you mean `10%`?)",
    ],
    ["overlap: 1%", "«overlap» `overlap` is not a key of `corpus` (did you mean `overlap-limit`?)"],
    ["hygiene: off", "«off» `hygiene` must be a mapping such as `{ min-length: 64 }`, not `off`"],
    ["hygiene: { nfc: yes }", "«yes» `nfc` must be `true` or `false`, not `yes`"],
    ["hygiene: { nfc: }", "«nfc» `nfc` has no value (it must be `true` or `false`)"],
    ['hygiene: { secrets: "true" }', '«"true"» `secrets` must be `true` or `false`, not `"true"`'],
    ["hygiene: { nfd: true }", "«nfd» `nfd` is not a key of `hygiene` (the keys here are "],
    ["nfc: true", "«nfc» `nfc` is not a key of `corpus` (`nfc` is a key of `hygiene`)"],
    [
      "hygiene: { min-length: 1.5 }",
      `«1.5» \`min-length\` must be a number of characters such as \`64\`, not \`1.5\` (${lengths})`,
    ],
    [
      "hygiene: { min-length: -1 }",
      `«-1» \`min-length\` must be a number of characters such as \`64\`, not \`-1\` (${lengths})`,
    ],
    [
      "hygiene: { max-length: 4MB }",
      `«4MB» \`max-length\` must be a number of characters such as \`4M\`, not \`4MB\` (${lengths})`,
    ],
    ["hygiene: { max-length: 65M }", "«65M» `max-length` must be at most `64M` characters, not `65M`"],
    ["hygiene: { max-length: 0 }", "«0» `max-length` must be at least `1`, not `0`"],
    ["hygiene: { unreadable: ignore }", "«ignore» `ignore` is not a way (known are refuse, skip)"],
    [
      "hygiene: { languages: en }",
      "«en» `languages` must be `any` or a list of language codes such as `[en, sv]`, not `en` (make it a list: `[en]`)",
    ],
    [
      "hygiene: { languages: all }",
      "«all» `languages` must be `any` or a list of language codes such as `[en, sv]`, not `all`",
    ],
    ["hygiene: { languages: [] }", "«[]» `languages` is empty (name at least one language, or write `any`)"],
    ["hygiene: { languages: [en, English] }", "«English» `English` is no known language code (English is `en`)"],
    ["hygiene: { languages: [swedsh] }", "«swedsh» `swedsh` is no known language code (did you mean `sv` (Swedish)?)"],
    ["hygiene: { languages: [eng] }", "«eng» `eng` is no known language code (did you mean `en` (English)?)"],
    ["hygiene: { languages: [xx] }", "«xx» `xx` is no known language code (known are am, ar, az, "],
    [
      "hygiene: { languages: [5] }",
      '«5» an entry of `languages` must be a language code such as `en`, not `5` (put it in quotes: `"5"`)',
    ],
    ["hygiene: { languages: [no, toString] }", "«toString» `toString` is no known language code (known are am, "],
  ])("%s", async (keys, expected) => {
    const lines = await said(keys);
    expect(lines).toHaveLength(1);
    expect(lines[0]?.slice(0, expected.length)).toBe(expected);
  });
});
