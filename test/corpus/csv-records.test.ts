import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gzipSync } from "node:zlib";
import { formatNamed, outcomes, readAll, textsOf } from "./files.ts";

const csv = formatNamed("csv");
const quoted = (field: string): string => `"${field.replaceAll('"', '""')}"`;

describe("CSV", () => {
  test("gives a document a row, named by the line at which the row begins", async () => {
    const content = 'id,text\r\n1,one\r\n2,"two\r\nlines, ""quoted"""\r\n\r\n3,three';
    expect(await readAll("a.csv", content, csv)).toEqual([
      { kind: "document", name: "a.csv:2", group: "a.csv:2", text: "one" },
      { kind: "document", name: "a.csv:3", group: "a.csv:3", text: 'two\r\nlines, "quoted"' },
      { kind: "document", name: "a.csv:6", group: "a.csv:6", text: "three" },
    ]);
  });

  test.each([
    ["a.csv", "id;text\n1;a,b\n", "a,b"],
    ["a.csv", "id\ttext\n1\ta,b;c\n", "a,b;c"],
    ["a.csv", 'id,"text;a;b;c",text\n1,x,y\n', "y"],
    ["a.tsv.gz", "text\n1,2;3\n", "1,2;3"],
    ["a.tsv", "id,x\ttext\n1\tone\n", "one"],
    ["a.csv", "text\nonly\n", "only"],
    ["a.csv", "\ufefftext,id\nmarked,1\n", "marked"],
    ["a.csv", " text , id\nspaced,1\n", "spaced"],
    ["a.csv", "id,text\r1,old\r", "old"],
    ["a.csv", "id,text\r\n1,mixed\n2", "mixed"],
    ["a.csv", "\n\nid,text\n1,later\n", "later"],
    ["a.csv", "id,Größe,text\n1,ä,ö👩\n", "ö👩"],
    ["a.csv", "text,text\none,two\n", "one"],
  ])("of %s: %j", async (name, content, text) => {
    expect(textsOf(await readAll(name, content, csv))[0]).toBe(text);
  });

  test("is unreadable without its column, and says which there are", async () => {
    expect(outcomes(await readAll("a.csv", "id,Größe\n1,2\n3,4\n", csv))).toEqual([
      "a.csv: it has no column `text`; it has `id`, `Größe`",
    ]);
    expect(outcomes(await readAll("a.csv", "", csv))).toEqual(["a.csv: it is empty, without a header line"]);
    expect(outcomes(await readAll("a.csv", "\n\n", csv))).toEqual(["a.csv: it is empty, without a header line"]);
    expect(await readAll("a.csv", "text\n", csv)).toEqual([]);
  });

  test("loses a row that is too short or no UTF-8, and reads on", async () => {
    const content = Buffer.concat([
      Buffer.from("id,text\n1\n2,"),
      Buffer.from([0x81]),
      Buffer.from("\n3,three,more\n4,\n"),
    ]);
    expect(outcomes(await readAll("a.csv", content, csv))).toEqual([
      "a.csv:2: line 2 ends before the column `text`",
      "a.csv:3: the text at line 3 is not valid UTF-8 (byte 0)",
      "three",
      "",
    ]);
  });

  test.each([
    ['1,one\n2,"two" x\n3,three\n', "has a quote in a quoted field that is not written twice"],
    ['1,one\n2,t"wo\n3,three\n', "has a quote in a field that does not begin with one"],
    ['1,one\n2,"two\n3,three\n', "has a quote that is not closed"],
  ])("ends at the broken quote of %j and keeps the rows before it", async (rows, why) => {
    expect(outcomes(await readAll("a.csv", `id,text\n${rows}`, csv))).toEqual([
      "one",
      `a.csv: the row that begins at line 3 ${why}, so nothing after it can be read`,
    ]);
  });

  test("groups rows by a column, and each row with an empty one alone", async () => {
    const content = "text,patient\na,7\nb,7\nc,\nd\n";
    const read = await readAll("a.csv", content, formatNamed("csv", { group: "patient" }));
    expect(read.map((reading) => "group" in reading && reading.group)).toEqual([
      "patient = 7",
      "patient = 7",
      "a.csv:4",
      "a.csv:5",
    ]);
  });

  test("tells of a text that is too long, and reads on", async () => {
    const content = `text\n${"x".repeat(1001)}\n${quoted("y".repeat(700_000))}\nend\n`;
    expect(outcomes(await readAll("a.csv", content, csv))).toEqual([
      "a.csv:2 is too long",
      "a.csv:3 is too long",
      "end",
    ]);
  });

  test.each([
    ["a quote that is never closed", `"${"x".repeat(5_000_000)}`],
    ["a row of nothing but commas", ",".repeat(5_000_000)],
    ["a row of quoted line ends", '"\n",'.repeat(1_000_000)],
    ["a field with a quote at its end", `${"x".repeat(5_000_000)}"`],
  ])("does not keep %s for ever", async (_, row) => {
    const read = await readAll("a.csv", `text\none\n${row}`, csv);
    expect(outcomes(read)[0]).toBe("one");
    expect(outcomes(read).at(-1)).toMatch(/begins at line 3 does not end within \d+ bytes|quote/);
    expect(read).toHaveLength(2);
  });

  test("keeps the rows before the place where compressed data ends", async () => {
    const content = Array.from({ length: 50_000 }, (_, index) => `${index},text ${Math.sin(index)}`).join("\n");
    const read = await readAll("a.csv.gz", gzipSync(`id,text\n${content}`).subarray(0, -200), csv);
    expect(textsOf(read).length).toBeGreaterThan(10_000);
    expect(outcomes(read).at(-1)).toMatch(/its gzip data ends early, after line \d+$/);
  });

  test("is read back as it was written, for any fields", async () => {
    const fields = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r\n", ";", "ä", " ") });
    await fc.assert(
      fc.asyncProperty(fc.array(fields, { minLength: 1, maxLength: 5 }), async (texts) => {
        const content = ["id,text", ...texts.map((field, index) => `${index},${quoted(field)}`)].join("\n");
        expect(textsOf(await readAll("a.csv", content, csv))).toEqual(texts);
      }),
      { numRuns: 100 },
    );
  });
});
