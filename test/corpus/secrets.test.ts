import * as fc from "fast-check";
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { digitsOf, passesLuhn } from "../../src/corpus/card-number.ts";
import { compactIban, isIban } from "../../src/corpus/iban.ts";
import { secretPatterns } from "../../src/corpus/secret-patterns.ts";
import { maskSecrets } from "../../src/corpus/secrets.ts";

const seed = 7;
const masked = (text: string): string => maskSecrets(text, seed).text;
/** The kinds that are found, each once. */
const kindsIn = (text: string): string[] => Object.keys(maskSecrets(text, seed).counts);

/** Digits, capitals and small letters by a letter each; all else as it is. */
const shapeOf = (text: string): string =>
  text
    .replaceAll(/\d/g, "9")
    .replaceAll(/\p{Lu}/gu, "A")
    .replaceAll(/[^\P{L}A]/gu, "a");

/** Letters and digits in no order, of a length; put together here, so that no scanner takes them for real keys. */
const drawn = (length: number, alphabet = "aB3xK9mQ2pZ7rT5w"): string =>
  Array.from({ length }, (_, index) => alphabet[(index * 7 + (index >> 3)) % alphabet.length]).join("");
const capitals = "ABCDEFGHIJKLMNOP234567";
const pem = (label: string): string =>
  `-----BEGIN ${label}-----\n${[0, 1, 2].map(() => drawn(64)).join("\n")}\n-----END ${label}-----`;

describe("e-mail addresses", () => {
  test.each([
    ["Write to jane.doe@hospital.org.", "jane.doe@hospital.org", ""],
    ["<J.Doe+lab@mail.st-mary.nhs.uk>", "J.Doe+lab@mail.st-mary.nhs.uk", ""],
    ["mailto:müller@klinik.de,", "müller@klinik.de", ""],
    ["('a_b@x.io')", "a_b@x.io", ""],
    ["user@163.com", "user@163.com", ""],
    ["name@kunst.gallery", "name@kunst.gallery", ".example"],
  ])("are replaced in %s", (text, address, end) => {
    const result = masked(text);
    const [before = "", after = ""] = text.split(address);
    expect(kindsIn(text)).toEqual(["email"]);
    expect(result).not.toContain(address);
    expect(result.startsWith(before) && result.endsWith(after)).toBe(true);
    expect(shapeOf(result)).toBe(shapeOf(text));
    expect(result.slice(0, result.length - after.length).endsWith(end)).toBe(true);
  });

  test.each([
    "user@example.com, a@mail.example.org, b@c.example, d@host.test, e@localhost",
    "git@github.com:owner/repository.git",
    "npm install left-pad@1.3.0-beta.next",
    "icon@2x.png and @mention and @app.route and a @ b.com",
    "return@label foo@bar 5@7",
  ])("are not seen in %s", (text) => {
    expect(masked(text)).toBe(text);
  });

  test("that differ in case only have one replacement, up to case", () => {
    expect(masked("JANE.DOE@HOSPITAL.ORG").toLowerCase()).toBe(masked("jane.doe@hospital.org"));
  });
});

describe("telephone numbers", () => {
  test.each([
    ["+44 20 7946 0958", "+44"],
    ["+442079460958", "+44"],
    ["+44 (0)20 7946 0958", "+44"],
    ["+1 (415) 555-2671", "+1"],
    ["+1.415.555.2671", "+1"],
    ["+49 30/1234567", "+49"],
    ["+33 6 12 34 56 78", "+33"],
    ["+34 612 345 678", "+34"],
    ["+353 1 234 5678", "+353"],
    ["0044 20 7946 0958", "0044"],
    ["(415) 555-2671", ""],
    ["415-555-2671", ""],
    ["1-415-555-2671", ""],
    ["415.555.2671", ""],
    ["415 555-2671", ""],
    ["020 7946 0958", "0"],
    ["(020) 7946 0958", "(0"],
    ["07700 900123", "0"],
    ["01632 960 983", "0"],
    ["030/1234567", "0"],
    ["0171-1234567", "0"],
    ["03-1234-5678", "0"],
    ["06 12 34 56 78", "0"],
    ["06.12.34.56.78", "0"],
  ])("such as %s are replaced, and %s stays", (number, kept) => {
    for (const text of [
      number,
      `Call ${number}.`,
      `Ward 7: ${number}, or later`,
      `(${number})`,
      `Tel:${number}\n12 mg`,
    ]) {
      expect(maskSecrets(text, seed).counts, text).toEqual({ phone: 1 });
      const result = masked(text);
      expect(result).not.toContain(number);
      expect(result).toContain(kept);
      expect(shapeOf(result)).toBe(shapeOf(text));
      expect(result.slice(0, text.indexOf(number) + kept.length)).toBe(
        text.slice(0, text.indexOf(number) + kept.length),
      );
    }
  });

  test.each([
    "Phone: 555 0134",
    "tel. 555-0134",
    "Telephone number 612 345 678",
    "Fax 98765 43210",
    "Téléphone : 5550134 12",
  ])("of other forms are replaced after a word for them: %s", (text) => {
    expect(kindsIn(text)).toEqual(["phone"]);
  });

  test.each([
    "2024-07-26 10:11:12 and 2024-07-26T10:11:12+0200, 26.07.2024, 07/26/2024, 26-07-2024 12:00, 20240726101112",
    "Fri, 26 Jul 2024 10:00:00 +1000",
    "Na 140 K 4.1 Cl 102 HCO3 24 Glu 98, 0.25 0.5 0.125 0.75, Hb 13.2 (12.0-15.5), 120/80, 1000-2000 ng/mL, 210 350 4000",
    "version 12.345.6789, 10.15.7, 1.2.3-456, build 0123456789",
    "ISBN 978-3-16-148410-0, ISBN 0-306-40615-2, ISSN 0317-8471, 10.1000/182 12345",
    "192.168.100.200, 10.0.0.1:8080, 255.255.255.255",
    "3.14159265358979, 0.123456789, 1,234,567.89, 12 345 678, 123456789012, +12 000 000, +12345678, 1e+1234567",
    "due 06/2024 150000 EUR, 01-02-2024 10 of 12, § 2034 20 2035",
    "phone on 26.07.2024 or by fax 2024-07-26, pH 7.35 120 40, telephoned 3 times",
    "a+4155552671, id/020-1234567, 5a1-415-555-2671, 0020-024 +0370-03",
    "0000 250 000, 0000-0000-0000",
  ])("are not seen in %s", (text) => {
    expect(masked(text)).toBe(text);
  });

  test("have one replacement in all spellings", () => {
    expect(digitsOf(masked("+44 20 7946 0958"))).toBe(digitsOf(masked("+442079460958")));
  });
});

describe("card numbers and IBANs", () => {
  const cards = [
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "5500000000000004",
    "3782 822463 10005",
    "6011000990139424",
    "4222222222222",
  ];
  test.each(cards)("%s is replaced by what is no card's number, whatever the seed", (card) => {
    for (let each = 0; each < 200; each += 1) {
      const { text, counts } = maskSecrets(`card ${card}, paid`, each);
      expect(counts).toEqual({ "card-number": 1 });
      expect(shapeOf(text)).toBe(shapeOf(`card ${card}, paid`));
      expect(passesLuhn(digitsOf(text))).toBe(false);
    }
  });

  test.each([
    "4111 1111 1111 1112",
    "1234567812345670",
    "0000 0000 0000 0000",
    "4111 1111 11111111",
    "4111 1111-1111 1111",
    "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
    "9780306406157",
    "0.4111111111111111",
    "a4111111111111111",
    "41111111111111110000000",
    "1722000000000000000",
  ])("%s is no card number", (text) => {
    expect(masked(text)).toBe(text);
  });

  test.each([
    "GB82 WEST 1234 5698 7654 32",
    "GB82WEST12345698765432",
    "DE89370400440532013000",
    "FR14 2004 1010 0505 0001 3M02 606",
    "NO9386011117947",
    "MT84MALT011000012345MTLCAST001S",
  ])("%s is replaced by what no bank has, whatever the seed", (iban) => {
    for (let each = 0; each < 200; each += 1) {
      const { text, counts } = maskSecrets(`IBAN ${iban} AND more`, each);
      expect(counts).toEqual({ iban: 1 });
      expect(shapeOf(text)).toBe(shapeOf(`IBAN ${iban} AND more`));
      expect(text.slice(5, 7)).toBe(iban.slice(0, 2));
      expect(isIban(compactIban(text.slice(5, 5 + iban.length)))).toBe(false);
    }
  });

  test.each([
    "GB82 WEST 1234 5698 7654 33",
    "XX89370400440532013000",
    "DE893704004405320130001",
    "DE89 3704 0044 053 2013 000",
    "AB12 CD34 EF56 GH78",
  ])("%s is no IBAN", (text) => {
    expect(kindsIn(text)).not.toContain("iban");
  });

  test("have one replacement in all spellings", () => {
    expect(digitsOf(masked("4111 1111 1111 1111"))).toBe(digitsOf(masked("4111111111111111")));
    expect(compactIban(masked("GB82 WEST 1234 5698 7654 32"))).toBe(masked("GB82WEST12345698765432"));
  });
});

describe("keys and tokens", () => {
  test.each([
    ["aws-key", "AKIA", drawn(16, capitals)],
    ["aws-key", "ASIA", drawn(16, capitals)],
    ["github-token", "ghp_", drawn(36)],
    ["github-token", "github_pat_", `${drawn(22)}_${drawn(59)}`],
    ["gitlab-token", "glpat-", drawn(20)],
    ["slack-token", "xoxb-", `123456789012-${drawn(24)}`],
    ["stripe-key", "sk_live_", drawn(24)],
    ["stripe-key", "rk_test_", drawn(24)],
    ["google-key", "AIza", drawn(35)],
    ["sk-key", "sk-", drawn(48)],
    ["sk-key", "sk-proj-", `${drawn(30)}_${drawn(30)}`],
    ["sk-key", "sk-ant-api03-", `${drawn(60)}-AA`],
    ["npm-token", "npm_", drawn(36)],
    ["hugging-face-token", "hf_", drawn(34)],
    ["jwt", "eyJ", `hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.${drawn(43)}`],
    ["bearer-token", "Authorization: Bearer ", drawn(32)],
    ["url-password", "postgres://admin:", `${drawn(12)}@db.internal/ward`],
    ["url-password", "redis://:", `${drawn(12)}@10.0.0.1:6379`],
    ["password", 'password = "', `${drawn(10)}!"`],
    ["password", "API_KEY=", drawn(32)],
    ["password", '{"client_secret": "', `${drawn(24)}"}`],
    ["password", "DB_PASSWORD: ", "Tr0ub4dor&3"],
    ["password", "config['auth_token'] = '", `${drawn(20)}'`],
    ["private-key", "-----BEGIN PRIVATE KEY-----", pem("PRIVATE KEY").slice(27)],
    ["private-key", "-----BEGIN RSA PRIVATE KEY-----", pem("RSA PRIVATE KEY").slice(31)],
    ["private-key", "-----BEGIN PGP PRIVATE KEY BLOCK-----", pem("PGP PRIVATE KEY BLOCK").slice(37)],
    ["private-key", "-----BEGIN EC PRIVATE KEY-----", `\\n${drawn(64)}\\n${drawn(40)}`],
  ])("of kind %s, after %s, are replaced", (kind, prefix, secret) => {
    for (const text of [prefix + secret, `export X; ${prefix}${secret} # set`]) {
      expect(maskSecrets(text, seed).counts, text).toEqual({ [kind]: 1 });
      const result = masked(text);
      const start = text.indexOf(prefix) + prefix.length;
      expect(result.slice(0, start)).toBe(text.slice(0, start));
      expect(result.slice(start, start + 8)).not.toBe(text.slice(start, start + 8));
      // The line ends of a key in a string stay line ends.
      expect(shapeOf(result).replaceAll(String.raw`\n`, "\n")).toBe(shapeOf(text).replaceAll(String.raw`\n`, "\n"));
    }
  });

  test("whose host or marks follow are replaced up to there", () => {
    expect(masked(`https://u:${drawn(9)}@host.org/a`)).toMatch(/^https:\/\/u:\w{9}@host\.org\/a$/);
    expect(masked(pem("PRIVATE KEY"))).toMatch(
      /^-----BEGIN PRIVATE KEY-----\n(?:\w{64}\n){3}-----END PRIVATE KEY-----$/,
    );
  });

  test("are seen behind every name and sign that gives it a value", () => {
    const names = "password passwd passphrase pwd secret api_key auth-key account_key privatekey token".split(" ");
    const closings = ["", '"', "'", "`", "]", "']", " ", "\t", "\u00a0 "];
    for (const name of names.flatMap((each) => [each, each.toUpperCase()]))
      for (const closing of closings)
        for (const sign of ["=", ":", "=>", ":="])
          expect(kindsIn(`x.${name}${closing}${sign}${drawn(16)}`), name + closing + sign).toEqual(["password"]);
  });

  test.each([
    "a risk-based, task-specific desk-side-manner-for-all-of-us",
    "sk-learn-compatible-estimator-interface-checks",
    "https://user:$PASSWORD@host and https://u:${TOKEN}@host and https://<user>:<password>@host",
    "https://host:8080/a@b and http://example.org/path:with/colon",
    "password: string, token = next(tokens), secret = os.environ['KEY1'], api_key = config.apiKey2",
    "const token2 = tokens[index12345]; password = getpass.getpass1()",
    "The password: changeme. Token: 20240726, secret: 1234567890",
    "A key is between -----BEGIN PRIVATE KEY----- and -----END PRIVATE KEY----- in such a file.",
    "bearer bonds of 1000000 and a bearer of good news",
    "AKIAxyz hf_model npm_config_cache ghp_short eyJ eyJhbGciOi",
    "snake_case_identifier_with_underscores_and_more_of_them",
    "f81d4fae-7dec-11d0-a765-00a0c91e6bf6 d41d8cd98f00b204e9800998ecf8427e",
  ])("are not seen in %s", (text) => {
    expect(masked(text)).toBe(text);
  });

  test("have a documented source each, and a hint that their example holds", () => {
    for (const { source, hints, pattern } of secretPatterns) {
      expect(source.length).toBeGreaterThan(5);
      expect(hints.length).toBeGreaterThan(0);
      expect(pattern.flags).toContain("g");
    }
  });
});

describe("maskSecrets", () => {
  const letter = `Dear Dr Lee,\ncall +44 20 7946 0958 or write to a.lee@clinic.org. Card 4111 1111 1111 1111.\n`;

  test("counts by kind and leaves a text without secrets as it is", () => {
    expect(maskSecrets(letter + letter, seed).counts).toEqual({ email: 2, phone: 2, "card-number": 2 });
    expect(maskSecrets("", seed)).toEqual({ text: "", counts: {} });
    const plain = "Nothing to hide: 39 °C.";
    expect(maskSecrets(plain, seed)).toEqual({ text: plain, counts: {} });
  });

  test("replaces a secret by the same in every text, and by another with another seed", () => {
    const replaced = masked(letter);
    expect(masked(`Other text. ${letter}`)).toBe(`Other text. ${replaced}`);
    expect(maskSecrets(letter, 8).text).not.toBe(replaced);
    expect(replaced).toBe(maskSecrets(letter, seed).text);
  });

  test("keeps every text's length and line ends, whatever it is made of", () => {
    const secrets = "a@b.co|+44 |20 7946 0958|4111 1111 1111 1111|://u:|pw1@|sk-|GB82WEST12345698765432|token=".split(
      "|",
    );
    const marks = "-----BEGIN PRIVATE KEY-----|-----END|\n| |é|👩|(|)|0|-|@|.".split("|");
    const pieces = fc.constantFrom(drawn(30), ...secrets, ...marks);
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 25 }), (parts) => {
        const text = parts.join("");
        const { text: result, counts } = maskSecrets(text, seed);
        expect(shapeOf(result).length).toBe(text.length);
        expect(result.split("\n").map(({ length }) => length)).toEqual(text.split("\n").map(({ length }) => length));
        expect(Object.keys(counts).length > 0 || result === text).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ["digits", "7"],
    ["digits and spaces", "4 "],
    ["digits and hyphens", "12-"],
    ["plus signs and digits", "+1"],
    ["zeros and spaces", "00 1 "],
    ["telephone words", "tel 1 "],
    ["at signs", "a@"],
    ["domains", "a@b.c."],
    ["dots", "x@" + "a.".repeat(10)],
    ["dashes", "-"],
    ["begins of keys", "-----BEGIN PRIVATE KEY-----"],
    ["ends of begins", "-----BEGIN AAAA "],
    ["URLs", "://a:b"],
    ["prefixes", "sk-ghp_AKIAeyJ"],
    ["tokens without an end", "eyJaaaaaaaaaa.eyJaaaaaaaaaa."],
    ["bearers", "Bearer aaaaa1"],
    ["assignments", "token="],
    ["brackets", "(0("],
    ["starts of IBANs", "GB82 WEST "],
  ])("needs time in proportion to the length of a run of %s", (_, piece) => {
    const run = (length: number): string => piece.repeat(Math.ceil(length / piece.length));
    const timeOf = (text: string): number => {
      const began = performance.now();
      maskSecrets(text, seed);
      return performance.now() - began;
    };
    timeOf(run(100_000));
    const small = Math.min(timeOf(run(125_000)), timeOf(run(125_000)), timeOf(run(125_000)));
    const large = Math.min(timeOf(run(1_000_000)), timeOf(run(1_000_000)));
    // Eight times the length. Quadratic time would be minutes; a few milliseconds say nothing on a busy machine.
    expect(large).toBeLessThan(Math.max(small, 10) * 30);
  });
});

test("nothing in the shipped texts is taken for a secret", () => {
  const root = fileURLToPath(new URL("../../corpora/", import.meta.url));
  const hits = globSync("**/*.*", { cwd: root }).flatMap((file) =>
    Object.entries(maskSecrets(readFileSync(root + file, "utf8"), seed).counts).map(
      ([kind, count]) => `${file}: ${count} ${kind}`,
    ),
  );
  expect(hits).toEqual([]);
});
