import { describe, expect, test } from "vitest";
import { commentLimit, fitMarkdown } from "../../src/report/fit-markdown.ts";
import { formatMarkdown } from "../../src/report/markdown.ts";
import { answerOf, candidate, q8, tolerance } from "./answers.ts";
import { manyCandidates } from "./many.ts";

describe("fitMarkdown", () => {
  const sections = [
    { text: "always" },
    { text: "b".repeat(50), shorter: "b", rank: 1 },
    { text: "c".repeat(50), shorter: "", rank: 2 },
  ];

  test("leaves everything where it fits", () => {
    expect(fitMarkdown(sections, 200)).toBe(`always\n\n${"b".repeat(50)}\n\n${"c".repeat(50)}\n`);
  });

  test("shortens from the highest rank on, and no more than it must", () => {
    expect(fitMarkdown(sections, 70)).toBe(`always\n\n${"b".repeat(50)}\n`);
    expect(fitMarkdown(sections, 20)).toBe("always\n\nb\n");
    expect(fitMarkdown(sections, 1)).toBe("always\n\nb\n");
  });

  test("counts bytes, and leaves what would only become longer", () => {
    expect(fitMarkdown([{ text: "ä".repeat(30), shorter: "", rank: 1 }], 40)).toBe("\n");
    expect(fitMarkdown([{ text: "", shorter: "left out", rank: 1 }], 0)).toBe("\n");
  });
});

describe("report.md with very many candidates", () => {
  const whole = (text: string): void => {
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(commentLimit);
    for (const [tag] of text.matchAll(/<\/?details>/g)) expect(["<details>", "</details>"]).toContain(tag);
    expect(text.match(/<details>/g)?.length ?? 0).toBe(text.match(/<\/details>/g)?.length ?? 0);
  };

  test("sixty candidates on four domains fit a comment as they are", () => {
    const text = formatMarkdown(manyCandidates());
    whole(text);
    expect(text.match(/^\| \*{0,2}Q\d+_K/gm)).toHaveLength(60 + 240);
    expect(text).not.toContain("too long for a comment");
  });

  test("hundreds of them lose details, never the choice, the refusal, or their reasons", () => {
    const answer = manyCandidates(400, 4);
    const text = formatMarkdown(answer);
    whole(text);
    const { choice, refused } = answer;
    expect(text).toContain(`# medical: ${choice!.type}`);
    expect(text).toContain(choice!.sha256);
    expect(text).toContain(`| **${choice!.type}** |`);
    expect(text).toContain(`| ${refused} |`);
    expect(text).toContain(`${choice!.type} (`);
    expect(text).toContain("The next smaller one, ");
    expect(text).toContain("too long for a comment");
  });

  test("names of a thousand characters do not break it", () => {
    const long = "x".repeat(1000);
    const many = Array.from({ length: 60 }, (_, index) =>
      candidate(`${long}${index}`, 60 - index, { rise: [0.2, 0.01], kld: [0.2, 0.01] }),
    );
    const text = formatMarkdown(answerOf([q8, ...many], { tolerances: [tolerance({ domain: long })] }));
    whole(text);
    expect(text).toContain("# medical: Q8_0");
  });
});
