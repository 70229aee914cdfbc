import { describe, expect, test } from "vitest";
import { maxAliasedValues } from "../../src/pipeline/plain.ts";
import { readSheet } from "../../src/pipeline/sheet.ts";
import { brief, good, problemsOf, withMistake } from "./memory-reader.ts";

/** A list of ten aliases. */
const ten = (name: string) => `[${Array.from({ length: 10 }, () => `*${name}`).join(",")}]`;

const yamlNotes = (text: string) => brief(readSheet("x.yaml", text).notes);

describe("syntax", () => {
  test.each([
    ["a: [1, 2\nb: 3\n", "«b» a `[` or `{` above is not closed (close it before this line)"],
    ["a: {b: 1\n", "«» a `[` or `{` above is not closed (close it before this line)"],
    ["v: >=0.5\n", "«=» a value that begins with `>` or `|` is a block of text (put the whole value in quotes)"],
    ["v: { version: >=0.5 }\n", "«>» a value cannot begin with `>` (put the whole value in quotes)"],
    ["a: @x\n", "«@» a value cannot begin with `@` (put the whole value in quotes)"],
    ["a:\n\t- b\n", "«\t» YAML cannot be indented with tabs (use spaces)"],
    ["a: b: c\n", "«b» a second `: ` in one value (put the whole value in quotes, or check the indentation)"],
    ["a: 1\n b: 2\n", "«1» a second `: ` in one value (put the whole value in quotes, or check the indentation)"],
    ["a: {b} foo\n", "«foo» text after the end of a value (put the whole value in quotes)"],
    ["a: 'it's'\n", "«s'» text after the end of a value (put the whole value in quotes)"],
    ["a:\n  b: 1\n c: 2\n", "« » this line is indented differently from the ones above"],
    ['a: "x\n', "«» a quote is not closed"],
    ["a: 1\n}\n", "«}» this `}` closes nothing"],
    ["a: [1, , 2]\n", "«,» `,` is out of place"],
    ["a: {b: 1 c: 1}\n", "«1 c: 1» a second `: ` in one value (is a `,` missing?)"],
    ["a: ['b' 'c']\n", "«'» a `,` or `:` is missing before this"],
    ["a: [{b: 1} {c: 1}]\n", "«{» a `,` is missing before this"],
    ['a: "\\x"\n', "«\\» `\\` is no escape sequence (write `\\\\` for a backslash)"],
    ["--- a: 1\n", "«a» this must begin on the line after `---`"],
    ["key\nb: 1\n", "«key» a key must be followed by `:` on the same line"],
    ["%YAML 1.1\n---\na: yes\n", "«%YAML 1.1» this file must be YAML 1.2 (remove this line)"],
    ["a: !secret x\n", "warning: «!secret» the tag `!secret` means nothing here"],
    ["[a]: b\n", "«[a]» a key must be plain text"],
    [": x\n", "«» there is no key before this `:`"],
    ["", "«» the file is empty"],
    ["# nothing but this\n", "«» the file is empty"],
    ["a: \uFFFD\n", "«\uFFFD» the file is not UTF-8 text"],
    ["[".repeat(20_000), "«» the file is nested too deeply to be read"],
    [`${"[".repeat(200)}${"]".repeat(200)}`, "«[]» the file is nested too deeply to be read"],
  ])("%j", (text, expected) => {
    const [first, ...others] = yamlNotes(text);
    expect(first?.replace(/^«\[+\]+»/, "«[]»")).toBe(expected);
    expect(others).toEqual([]);
  });

  test("two broken lines are two problems", () => {
    expect(yamlNotes("a: 'it's'\nb: 'it's'\n")).toHaveLength(2);
  });

  test("a broken file is not checked any further", async () => {
    expect(brief(await problemsOf(good.replace("name: medical", "name: 'it's'").replace("chat", "chatt")))).toEqual([
      "«s'» text after the end of a value (put the whole value in quotes)",
    ]);
  });

  test("a harmless slip is told together with the rest", async () => {
    const text = withMistake(['version: ">=0.5"', "version: >=0.5"], ["chat", "chatt"]);
    expect(brief(await problemsOf(text))).toEqual([
      "«>» a value cannot begin with `>` (put the whole value in quotes)",
      "«chatt» `chatt` is not a tolerance (did you mean `chat`?)",
    ]);
  });
});

describe("one document with unique keys", () => {
  test("a key given twice shows both places, and the rest is checked", async () => {
    expect(brief(await problemsOf(`${good}name: other\nunits: 3\n`))).toEqual([
      "«name» `name` is given twice (keep one of the two) [«name» `name` is first given here]",
      "«units» `units` is not a key of a pipeline (`units` is a key of `validate`)",
    ]);
  });

  test("a second document is one problem", async () => {
    expect(brief(await problemsOf(`${good}---\nname: other\n`))).toEqual([
      "«---» a second document begins here (keep one document in a file)",
    ]);
  });

  test.each([
    ["just text\n", "«just text» the file must be a mapping that begins with `name:`, not `just text`"],
    ["- a\n- b\n", "«- a\n- b» the file must be a mapping that begins with `name:`, not a list"],
    ["~\n", "«~» the file has no value (it must be a mapping that begins with `name:`)"],
  ])("%j is no mapping", async (text, expected) => {
    expect(brief(await problemsOf(text))).toEqual([expected]);
  });

  test("a key with a special name is an ordinary key", async () => {
    expect(brief(await problemsOf(`${good}__proto__: 1\nconstructor: 2\n`))).toEqual([
      expect.stringMatching(/^«__proto__» `__proto__` is not a key of a pipeline/),
      expect.stringMatching(/^«constructor» `constructor` is not a key of a pipeline/),
    ]);
  });
});

describe("aliases", () => {
  test("an unquoted glob is an alias without an anchor", async () => {
    expect(brief(await problemsOf(withMistake(["../corpora/general/*.txt", "**/*.txt"])))).toEqual([
      "«**/*.txt» there is no anchor `&*/*.txt` before this alias (a value that begins with `*` is an alias: put a glob in quotes)",
    ]);
  });

  test("an alias inside what it stands for is a cycle", async () => {
    expect(brief(await problemsOf(withMistake(["timeouts: { stall: 10m }", "timeouts: &t { stall: *t }"])))).toEqual([
      "«*t» the alias `*t` contains itself [«{ stall: *t }» `&t` begins here]",
    ]);
  });

  test("a cycle through several levels is found, and only once", async () => {
    const text = withMistake(["  sources:\n", "  sources: &all\n"], ["domain: general,", "domain: [{ x: *all }],"]);
    const notes = await problemsOf(text);
    expect(brief(notes)[0]).toMatch(/^«\*all» the alias `\*all` contains itself \[«- \{ id: notes/);
    expect(notes).toHaveLength(1);
  });

  test("a bomb goes off nowhere and is shown at the alias that makes it too large", async () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b ${ten("a")}\nc: &c ${ten("b")}\nd: &d ${ten("c")}\ne: &e ${ten("d")}\nf: ${ten("e")}\n`;
    const found = (await problemsOf(bomb)).filter((note) => note.message.includes("aliases"));
    expect(brief(found)).toEqual([
      `«*c» the aliases of this file stand for more than ${String(maxAliasedValues)} values (write the values out, or use fewer aliases)`,
    ]);
  });

  test("a problem behind an alias is shown at the alias and where it comes from", async () => {
    const text = withMistake(
      ["domain: medical, share: 50%", "domain: medical, share: &s 50%"],
      ["share: 30%", "share: *s"],
    );
    const wrong = text.replace("&s 50%", "&s 50");
    expect(brief(await problemsOf(wrong))).toEqual([
      "«50» `share` must be a percentage such as `50%`, not `50` (the accepted unit is `%`: did you mean `50%`?)",
      "«*s» `share` must be a percentage such as `50%`, not `50` (the accepted unit is `%`: did you mean `50%`?) [«50» the alias stands for this]",
    ]);
  });
});
