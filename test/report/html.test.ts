import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { sha256 } from "../../src/base/canonical.ts";
import { formatHtml } from "../../src/report/html/page.ts";
import { escapeHtml, markup } from "../../src/report/html/markup.ts";
import { drawFigures, figureFiles } from "../../src/report/plot/figures.ts";
import type { Answer } from "../../src/select/answer.ts";
import { originOf, writtenPath } from "../../src/select/origins.ts";
import { answerOf, candidate, iq2, iq3, q4, q8, tolerance, twoDomains, withExtra, q4General } from "./answers.ts";
import { manyCandidates } from "./many.ts";
import { parsePage as parse, type Element } from "./svg.ts";

const chosen = answerOf([q8, q4, iq3, iq2], {
  pruned: [{ type: "Q4_0", bytes: 3 * 2 ** 20, by: "IQ4_XS", source: "a table" }],
});
const pageOf = (answer: Answer): string => formatHtml(answer, drawFigures(answer));
const exploratory = { ledger: { exploratory: true, earlier: [], spent: 0.1 } };

describe("report.html", () => {
  test("begins with the answer: what, how large, how much saved, in one sentence", () => {
    const page = parse(pageOf(chosen));
    const head = page.querySelector("header")!.textContent.replaceAll(/\s+/g, " ");
    expect(head).toContain("Q4_K_M ✓ certified");
    expect(head).toContain("Q4_K_M is the smallest type shown to stay within the tolerance chat on medical text.");
    expect(head).toContain("File size3.52 MiB");
    expect(head).toContain("Saved7.95 MB");
    expect(head).toMatch(/Rise of perplexity≤ 1\.85 %\s*limit 3 %/);
    expect(head).not.toContain("EXPLORATORY");
  });

  test("nothing passed, and an exploratory decision, say so before anything else", () => {
    const none = parse(pageOf(answerOf([iq3, iq2], exploratory))).querySelector("header")!.textContent;
    expect(none).toMatch(/EXPLORATORY.*No quant passed\s*exploratory/s);
    expect(none).toContain("No type was shown to stay within the tolerance chat on medical text.");
    expect(parse(pageOf(answerOf([iq3]))).querySelector(".badge")!.textContent).toBe("✗ refused");
  });

  test("has every section, each with a heading and a link", () => {
    const page = parse(pageOf(answerOf([q8, q4General], twoDomains)));
    const ids = [...page.querySelectorAll("main > section")].map((each) => each.getAttribute("id"));
    expect(ids).toEqual([
      "size-and-loss",
      "candidates",
      "why",
      "divergence",
      "domains",
      "corpus",
      "importance-matrix",
      "provenance",
      "origins",
    ]);
    expect([...page.querySelectorAll("nav a")].map((each) => each.getAttribute("href"))).toEqual(
      ids.map((id) => `#${id}`),
    );
    expect([...page.querySelectorAll("h1")]).toHaveLength(1);
    expect([...page.querySelectorAll("section > h2")]).toHaveLength(ids.length);
  });

  test("numbers say how they came to be, where they stand, and all their digits", () => {
    const numbers = [...parse(pageOf(withTail)).querySelectorAll("data")];
    expect(numbers.length).toBeGreaterThan(60);
    for (const each of numbers) {
      const [, origin, path] = /^(\w+): (?:(\S+) = )?/.exec(each.getAttribute("title") ?? "") ?? [];
      // What the page computes itself is derived, and says from what.
      expect(path !== undefined || origin === "derived").toBe(true);
      if (path === undefined) continue;
      const parts = path
        .replaceAll(/\[(\d+)\]/g, ".$1")
        .split(".")
        .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
      expect(writtenPath(parts)).toBe(path);
      expect(originOf(parts)).toBe(origin);
      const value = parts.reduce<unknown>((at, part) => (at as Record<string | number, unknown>)[part], withTail);
      expect(String(value)).toBe(each.getAttribute("value"));
    }
  });

  test("loads nothing, runs nothing, and its policy allows just its own style sheet", () => {
    const html = pageOf(chosen);
    const page = parse(html);
    expect([...page.querySelectorAll("script, iframe, object, embed, img, form, base, [style]")]).toEqual([]);
    const style = /<style>([\s\S]*?)<\/style>/.exec(html)![1]!;
    const digest = Buffer.from(sha256(style), "hex").toString("base64");
    expect(page.querySelector("meta[http-equiv]")!.getAttribute("content")).toBe(
      `default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; style-src 'sha256-${digest}'`,
    );
    expect([...html.matchAll(/<style/g)]).toHaveLength(1);
    expect(html.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|@import|url\(/);
    expect(html).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  test("no id stands twice", () => {
    const ids = [...parse(pageOf(answerOf([q8, q4General], twoDomains))).querySelectorAll("[id]")].map((each) =>
      each.getAttribute("id"),
    );
    expect(ids).toHaveLength(new Set(ids).size);
  });

  test("sixty candidates on four domains stay below 1.5 MB", () => {
    const html = pageOf(manyCandidates());
    expect(Buffer.byteLength(html)).toBeLessThan(1.5e6);
    expect([...parse(html).querySelectorAll("#candidates tbody tr")]).toHaveLength(60);
    expect([...parse(html).querySelectorAll("#domains tbody tr")]).toHaveLength(4 + 240);
  });

  test("the same bytes in another place, time zone and language", () => {
    const folder = fileURLToPath(new URL("../..", import.meta.url));
    const code =
      `const { formatHtml } = await import("${folder}/src/report/html/page.ts");` +
      `const { drawFigures, figureFiles } = await import("${folder}/src/report/plot/figures.ts");` +
      `const { formatMarkdown } = await import("${folder}/src/report/markdown.ts");` +
      `const answer = JSON.parse(process.env.ANSWER); const figures = drawFigures(answer);` +
      `process.stdout.write([formatHtml(answer, figures), formatMarkdown(answer), ...figureFiles(figures).map(({ text }) => text)].join("\\0"));`;
    const elsewhere = (env: Record<string, string>, cwd: string): string =>
      execFileSync(process.execPath, ["--input-type=module", "-e", code], {
        cwd,
        env: { ...env, ANSWER: JSON.stringify(chosen) },
        encoding: "utf8",
        maxBuffer: 2 ** 26,
      });
    const first = elsewhere({ TZ: "Pacific/Auckland", LANG: "de_DE.UTF-8", LC_ALL: "de_DE.UTF-8" }, "/");
    expect(elsewhere({ TZ: "America/New_York", LANG: "ar_EG.UTF-8", LC_ALL: "ar_EG.UTF-8" }, folder)).toBe(first);
    expect(first.split("\0")[0]).toBe(pageOf(chosen));
  });
});

const withTail = answerOf([withExtra(q8, { p99Kld: { value: 0.6, warn: 0.5 } }), q4, iq2], {
  tolerances: [tolerance({ sameTop: 0.9 })],
});

describe("hostile names", () => {
  const evil =
    `"><script>alert(1)</script><img src=x onerror=alert(1)>' onload=x </title></svg></style>]]>&lt;&#x;` +
    `\u001b[2J\u202e\ufffe\ud800\n=cmd|' /C calc'!A0 {{x}} \${y}`;
  const answer = answerOf(
    [candidate(evil, 5, { rise: [0, 0.001], kld: [0.001, 0.0001] }), { ...iq3, type: `${evil}2` }],
    {
      tolerances: [tolerance({ name: evil, domain: evil, sameTop: 0.9 }), tolerance({ domain: `${evil}3` })],
      pruned: [{ type: `${evil}4`, bytes: 1, by: evil, source: evil }],
      ledger: { exploratory: true, earlier: [], spent: 0 },
      extra: {
        pipeline: evil,
        model: { ...chosen.model, file: evil, name: evil, architecture: evil, fileType: evil },
        imatrix: { ...chosen.imatrix, sources: [{ ...chosen.imatrix.sources[0]!, id: evil }] },
        corpus: {
          ...chosen.corpus,
          sources: [
            {
              ...chosen.corpus.sources[0]!,
              id: evil,
              domain: evil,
              license: evil,
              dropped: { [evil]: 3 },
              masked: { [evil]: 4 },
            },
          ],
        },
        holdout: { ...chosen.holdout, flags: [evil], domains: [{ ...chosen.holdout.domains[0]!, domain: evil }] },
        reproduce: [{ ...chosen.reproduce[0]!, argv: [evil], tool: evil }],
      },
    },
  );
  const plain = answerOf([q8, iq3], {
    tolerances: [tolerance({ sameTop: 0.9 }), tolerance({ domain: "general" })],
    pruned: [{ type: "Q4_0", bytes: 1, by: "x", source: "y" }],
    ledger: { exploratory: true, earlier: [], spent: 0 },
  });

  test("are text in the page: it has the elements and attributes of one with harmless names", () => {
    const kinds = (page: Element): string[] => [
      ...new Set(
        [...page.querySelectorAll("*")].flatMap((each) => [
          each.tagName.toLowerCase(),
          ...[...each.attributes].map(({ name }) => name.toLowerCase()),
        ]),
      ),
    ];
    const html = pageOf(answer);
    const known = new Set([...kinds(parse(pageOf(plain))), ...kinds(parse(pageOf(withTail)))]);
    expect(kinds(parse(html)).filter((kind) => !known.has(kind))).toEqual([]);
    // oxlint-disable-next-line no-control-regex -- what may not stand in a page
    expect(html).not.toMatch(/<script|<img|[\u0000-\u0009\u000b-\u001f\u202e\ufffe\ufffd]/);
    expect(parse(html).querySelector("h1")!.textContent).toContain(`"><script>alert(1)</script>`);
  });

  test("are text in the plots, which stay well-formed", () => {
    for (const { text } of figureFiles(drawFigures(answer))) {
      // oxlint-disable-next-line no-control-regex -- what may not stand in XML
      expect(text).not.toMatch(/<script|<img|[\u0000-\u0009\u000b-\u001f\u202e\ufffe]|\p{Cs}/u);
      expect(wellFormed(text)).toBe(true);
    }
  });
});

/** Every element that opens closes in order, and every ampersand begins an entity. */
const wellFormed = (xml: string): boolean => {
  const open: string[] = [];
  for (const [, closing, name = "", single] of xml.matchAll(/<(\/?)([A-Za-z]+)(?:\s[^<>]*?)?(\/?)>/g)) {
    if (closing === "/") {
      if (open.pop() !== name) return false;
    } else if (single !== "/") open.push(name);
  }
  return open.length === 0 && !/&(?!(?:amp|lt|gt|quot|#\d+);)/.test(xml);
};

describe("markup", () => {
  test("makes text harmless and leaves markup alone", () => {
    expect(markup`<p title="${`"'`}">${"<b>&"}${markup`<i>${1}</i>`}${["a", markup`<br>`]}${undefined}</p>`.html).toBe(
      `<p title="&quot;&#39;">&lt;b&gt;&amp;<i>1</i>a<br></p>`,
    );
    expect(escapeHtml("\u001b[1m")).toBe(String.raw`\x1b[1m`);
  });
});
