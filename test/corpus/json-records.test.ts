import { describe, expect, test } from "vitest";
import { formatNamed, outcomes, readAll, textsOf } from "./files.ts";

const jsonl = formatNamed("jsonl");
const lineOf = (record: unknown): string => JSON.stringify(record);

describe("JSON Lines", () => {
  test("give a document a line, named by file and line", async () => {
    const content = `{"text":"one"}\r\n\n  {"text":"two\\n\\u00e4"}  \n{"text":""}`;
    expect(await readAll("a.jsonl", content, jsonl)).toEqual([
      { kind: "document", name: "a.jsonl:1", group: "a.jsonl:1", text: "one" },
      { kind: "document", name: "a.jsonl:3", group: "a.jsonl:3", text: "two\nä" },
      { kind: "document", name: "a.jsonl:4", group: "a.jsonl:4", text: "" },
    ]);
  });

  test.each([
    ["body.text", { body: { text: "deep" } }, "deep"],
    ["parts.1.text", { parts: [{}, { text: "second" }] }, "second"],
    ["paragraphs", { paragraphs: ["one", "two"] }, "one\n\ntwo"],
    ["paragraphs", { paragraphs: [] }, ""],
    ["constructor", JSON.parse('{"constructor":"own"}') as unknown, "own"],
    ["__proto__.text", JSON.parse('{"__proto__":{"text":"own"}}') as unknown, "own"],
  ])("take the text at %s of %j", async (field, record, text) => {
    expect(textsOf(await readAll("a", lineOf(record), formatNamed("jsonl", { field })))).toEqual([text]);
  });

  test.each([
    ["text", "{text: 1}", "is no JSON"],
    ["text", '{"text":"cut', "is no JSON"],
    ["text", "[".repeat(100_000), "is no JSON"],
    ["text", "[1]", "is no JSON object"],
    ["text", '"text"', "is no JSON object"],
    ["text", "null", "is no JSON object"],
    ["body.text", '{"body":{},"id":1}', "lacks `body.text`; it has `body`, `id`"],
    ["text", "{}", "lacks `text`; it has nothing"],
    ["toString", '{"a":1}', "lacks `toString`; it has `a`"],
    ["text.length", '{"text":"x"}', "lacks `text.length`; it has `text`"],
    ["text.length", '{"text":[]}', "lacks `text.length`; it has `text`"],
    ["text", '{"text":3}', "has a number at `text`, no text"],
    ["text", '{"text":null}', "has null at `text`, no text"],
    ["text", '{"text":{"a":1}}', "has an object at `text`, no text"],
    ["text", '{"text":["a",1]}', "has a list that is not of texts at `text`, no text"],
  ])("tell of a line without a text at %s: %s", async (field, line, why) => {
    const read = await readAll("a.jsonl", `{"x":0}\n${line}\n`, formatNamed("jsonl", { field }));
    expect(outcomes(read)[1]).toBe(`a.jsonl:2: line 2 ${why}`);
  });

  test("read on after a line that is none", async () => {
    const content = Buffer.concat([
      Buffer.from('{"text":"one"}\nx\n{"text":"'),
      Buffer.from([0x81]),
      Buffer.from('"}\n{"text":"two"}'),
    ]);
    expect(outcomes(await readAll("a.jsonl", content, jsonl))).toEqual([
      "one",
      "a.jsonl:2: line 2 is no JSON",
      "a.jsonl:3: line 3 is not valid UTF-8 (byte 9)",
      "two",
    ]);
  });

  test("name a few members only of a record that has very many", async () => {
    const record = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`${index}${"k".repeat(500)}`, 1]));
    const [why = ""] = outcomes(await readAll("a.jsonl", lineOf(record), jsonl, 1_000_000));
    expect(why).toMatch(/and 4992 more$/);
    expect(why.length).toBeLessThan(500);
  });

  test("put records with one value into one group, across files, and the others each in its own", async () => {
    const format = formatNamed("jsonl", { group: "patient.id" });
    const content = [{ id: 7 }, { id: "7" }, { id: null }, { id: "a b" }, {}]
      .map((patient) => lineOf({ text: "x", patient }))
      .join("\n");
    const groups = async (name: string): Promise<string[]> =>
      (await readAll(name, content, format)).map((reading) => (reading.kind === "document" ? reading.group : ""));
    const first = await groups("a");
    expect(first).toEqual(["patient.id = 7", "patient.id = 7", "a:3", "patient.id = a b", "a:5"]);
    expect((await groups("b")).filter((group) => first.includes(group))).toHaveLength(3);
  });

  test("keep a very long group apart from another by its digest", async () => {
    const format = formatNamed("jsonl", { group: "g" });
    const content = ["a", "b"].map((end) => lineOf({ text: "x", g: `${"g".repeat(5000)}${end}` })).join("\n");
    const groups = (await readAll("a", content, format)).map((reading) => "group" in reading && reading.group);
    expect(new Set(groups).size).toBe(2);
    expect(groups.every((group) => group !== false && group.length < 100)).toBe(true);
  });

  test("make half a character, which JSON can spell, a whole one", async () => {
    expect(textsOf(await readAll("a", String.raw`{"text":"a\ud83db"}`, jsonl))).toEqual(["a\ufffdb"]);
  });

  test("tell of a text or a record that is too long, and read on", async () => {
    const content = [
      lineOf({ text: "x".repeat(1001) }),
      lineOf({ text: "x".repeat(1000) }),
      lineOf({ text: "x", y: "y".repeat(3_000_000) }),
      lineOf({ text: "end" }),
    ];
    const read = await readAll("a", content.join("\n"), jsonl);
    expect(read.map(({ kind, name }) => `${name} ${kind}`)).toEqual([
      "a:1 too-long",
      "a:2 document",
      "a:3 too-long",
      "a:4 document",
    ]);
  });
});
