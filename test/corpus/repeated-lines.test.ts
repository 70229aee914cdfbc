import { boilerplateThreshold } from "../../src/corpus/boilerplate.ts";
import { describe, expect, test } from "vitest";
import { RepeatedLines, withoutLines, type Boilerplate } from "../../src/corpus/repeated-lines.ts";

const footer = "This message is meant for the person it is addressed to and for no one else.";
const documents = (count: number, withFooter: number, line = footer): string[] =>
  Array.from({ length: count }, (_, index) =>
    [`Document ${index} says something of its own that is long enough to count, word${index}.`]
      .concat(index < withFooter ? [line] : [])
      .join("\n"),
  );
const boilerplateOf = (texts: readonly string[]): Boilerplate => {
  const lines = new RepeatedLines();
  for (const text of texts) lines.add(Buffer.from(text));
  return lines.boilerplate();
};
const found = (texts: readonly string[]): ReadonlySet<number> => boilerplateOf(texts).lines;

const without = (text: string, boilerplate: Boilerplate): { text: string; lines: number } => {
  const { text: rest, lines } = withoutLines(Buffer.from(text), boilerplate);
  return { text: rest.toString(), lines };
};

describe("boilerplate", () => {
  test("is a line in five documents of a source, and in one percent of them", () => {
    expect([1, 5, 500, 501, 100_000].map(boilerplateThreshold)).toEqual([5, 5, 5, 6, 1000]);
    expect(found(documents(20, 4)).size).toBe(0);
    expect(found(documents(20, 5)).size).toBe(1);
    expect(found(documents(1000, 9)).size).toBe(0);
    expect(found(documents(1000, 10)).size).toBe(1);
  });

  test("is compared by letters and digits, whatever case and punctuation say", () => {
    const header = "Northern Harbour Hospital Trust, discharge letter of the ward";
    const written = Array.from(
      { length: 6 },
      (_, index) => [header, header.toUpperCase(), `  ${header.replace(",", " —")}`][index % 3]!,
    );
    expect(found(written).size).toBe(1);
    expect(found(written.map((line, index) => (index === 0 ? line.replace(/letter/i, "sheet") : line))).size).toBe(1);
    expect(
      found(written.slice(0, 5).map((line, index) => (index === 0 ? line.replace(/letter/i, "sheet") : line))).size,
    ).toBe(0);
  });

  test("is no line of a form that has a value of its own in every document", () => {
    const values = Array.from(
      { length: 50 },
      (_, index) => `Sodium ${120 + index} mmol/l (reference range of adults: 135 to 145)`,
    );
    expect(found(values).size).toBe(0);
  });

  test("is never a heading", () => {
    expect(found(documents(50, 50, "HISTORY OF THE PRESENT ILLNESS")).size).toBe(0);
  });

  test("counts a document once, however often it repeats a line", () => {
    expect(found([`${footer}\n${footer}\n${footer}\n${footer}\n${footer}\n${footer}`, ...documents(10, 3)]).size).toBe(
      0,
    );
  });
});

describe("withoutLines", () => {
  const keys = boilerplateOf(documents(10, 10));

  test("takes out every such line, and no other", () => {
    expect(without(`one\n${footer}\ntwo\n\n${footer}\n\nthree\n${footer}`, keys)).toEqual({
      text: "one\ntwo\n\nthree",
      lines: 3,
    });
    expect(without(`${footer}\n\none`, keys)).toEqual({ text: "one", lines: 1 });
    expect(without(footer, keys)).toEqual({ text: "", lines: 1 });
  });

  test("leaves a text alone that has none", () => {
    const text = "one\n\n\ntwo  \n";
    expect(without(text, keys)).toEqual({ text, lines: 0 });
    expect(without("", keys)).toEqual({ text: "", lines: 0 });
  });
});
