import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clean } from "../../src/corpus/clean.ts";
import { glance, isPlain, mayHoldKey, mayMatch } from "../../src/corpus/glance.ts";
import { secretPatterns } from "../../src/corpus/secret-patterns.ts";
import { maskSecrets } from "../../src/corpus/secrets.ts";

/** A glance that says that all is there, so that nothing is skipped. */
const everything = ~0;

const drawn = (length: number): string =>
  Array.from({ length }, (_, index) => "aB3xK9mQ2pZ7rT5w"[(index * 7) % 16] ?? "").join("");

/** A beginning of each form that a pattern knows, and what makes it a secret. */
const forms =
  "AKIA ASIA ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- gldt- glrt- glrtr- glcbt- glptt- glft- glimt- glagent- gloas- " +
  "glsoat- xoxb- xoxp- xoxe.xoxp- xapp- sk_live_ rk_test_ whsec_ AIza GOCSPX- sk- sk-proj- npm_ hf_ api_org_ eyJ";
const secrets = [
  ...forms.split(" ").map((start) => start + drawn(36)),
  "AKIAABCDEFGHIJKLMNOP",
  "ASIAABCDEFGHIJKLMNOP",
  `eyJ${drawn(20)}.eyJ${drawn(30)}.${drawn(30)}`,
  ...["Bearer", "bearer", "BEARER"].map((start) => `${start} ${drawn(30)}`),
  `https://u:${drawn(9)}@host.org`,
  `-----BEGIN PRIVATE KEY-----\n${drawn(64)}\n-----END PRIVATE KEY-----`,
  `password: ${drawn(12)}`,
  `api_key = "${drawn(12)}"`,
  `passphrase:${drawn(12)}`,
];

const pieces = fc.oneof(
  fc.constantFrom(...secrets),
  fc.constantFrom(
    " ",
    "\n",
    "\n\n\n",
    "word ",
    "\r\n",
    "\0",
    "\u200b",
    "\u00ad",
    "é",
    "e\u0301",
    "中",
    "😀",
    "-",
    "_",
    ".",
  ),
  fc.string({ unit: "binary", maxLength: 5 }),
  fc.string({ unit: "binary-ascii", maxLength: 20 }),
);
const texts = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(""));

describe("a glance", () => {
  test("says of every form of a secret that it may be there", () => {
    const found = new Set<string>();
    for (const secret of secrets) {
      for (const text of [secret, ` ${secret} `, `é${secret}é`]) {
        for (const [number, { kind, pattern }] of secretPatterns.entries()) {
          if (text.search(pattern) < 0) continue;
          expect(mayMatch(glance(text), number), `${kind} in ${text}`).toBe(true);
          found.add(kind);
        }
      }
    }
    expect([...found].sort()).toEqual(secretPatterns.map(({ kind }) => kind).sort());
    expect(mayHoldKey(glance("-----BEGIN PRIVATE KEY-----"))).toBe(true);
  });

  test("sees nothing in prose, so that it is worth its time", () => {
    const seen = glance(
      "The patient was seen on 3 May; blood pressure 120/80 mmHg (sitting), no fever. Next visit: June.",
    );
    const possible = secretPatterns.filter((_, number) => mayMatch(seen, number)).map(({ kind }) => kind);
    expect(possible).toEqual(["bearer-token"]);
    expect([isPlain(seen), mayHoldKey(seen)]).toEqual([true, false]);
  });

  test.each([
    ["", true],
    ["a\tb\nc ~", true],
    ["\r", false],
    ["\0", false],
    ["\u007f", false],
    ["\u0080", false],
    ["é", false],
    ["\ud800", false],
  ])("tells whether %j is plain", (text, plain) => {
    expect(isPlain(glance(text))).toBe(plain);
    // Where one piece of the text ends and the next one begins, and long behind it.
    for (const length of [16_382, 16_383, 16_384, 100_000])
      expect(isPlain(glance("x".repeat(length) + text + "x".repeat(20_000)))).toBe(plain);
  });

  test("sees a pair that two pieces of a long text share", () => {
    const number = secretPatterns.findIndex(({ kind }) => kind === "sk-key");
    for (let length = 16_375; length < 16_390; length += 1)
      expect(mayMatch(glance(`${" ".repeat(length)}sk-${drawn(40)}`), number)).toBe(true);
  });
});

describe("what a glance spares", () => {
  test("changes nothing in the cleaning of any text", () => {
    fc.assert(
      fc.property(texts, fc.boolean(), fc.boolean(), (text, nfc, controlCharacters) => {
        const cleaning = { nfc, controlCharacters };
        expect(clean(text, cleaning)).toBe(clean(text, cleaning, everything));
      }),
      { numRuns: 5000 },
    );
  });

  test("changes nothing in the secrets of any text, nor does a glance at the text before it was cleaned, if it is plain", () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(maskSecrets(text, 7)).toEqual(maskSecrets(text, 7, everything));
        const seen = glance(text);
        if (!isPlain(seen)) return;
        const cleaned = clean(text, { nfc: true, controlCharacters: true }, seen);
        expect(maskSecrets(cleaned, 7, seen)).toEqual(maskSecrets(cleaned, 7, everything));
      }),
      { numRuns: 5000 },
    );
  });
});
