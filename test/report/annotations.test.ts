import { describe, expect, test } from "vitest";
import { annotationsOf, formatAnnotations, type Annotation } from "../../src/report/annotations.ts";
import { hostileName, unprintable } from "./hostile.ts";

const text = "name: medical\nmodel: x.gguf\nselect:\n  tolerance: caht\n";
const at = (word: string, file = "/repo/pipelines/medical.yaml") => ({
  file,
  text,
  start: text.indexOf(word),
  end: text.indexOf(word) + word.length,
});

const marks = (count: number, level: Annotation["level"]): Annotation[] =>
  Array.from({ length: count }, (_, index) => ({ level, title: "t", message: [`m${index}`] }));

describe("annotations", () => {
  test("mark a mistake in its line, relative to the repository", () => {
    const diagnostics = [
      { severity: "error", message: "`caht` is no preset", help: "did you mean `chat`?", location: at("caht") },
      { severity: "warning", message: "two lines, so no columns", location: at("select:\n  tolerance") },
      { severity: "error", message: "elsewhere", location: at("name", "/other/medical.yaml") },
    ] as const;
    const list = annotationsOf([{ reason: "invalid-pipeline", diagnostics }], "/repo");
    expect(formatAnnotations(list).split("\n")).toEqual([
      "::error file=pipelines/medical.yaml,line=4,endLine=4,col=14,endColumn=18,title=pipeline::`caht` is no preset%0Ahelp: did you mean `chat`?",
      "::error file=/other/medical.yaml,line=1,endLine=1,col=1,endColumn=5,title=pipeline::elsewhere",
      "::warning file=pipelines/medical.yaml,line=3,endLine=4,title=pipeline::two lines, so no columns",
      "",
    ]);
  });

  test("of a failure say what to do", () => {
    const list = annotationsOf([{ reason: "disk-full", path: "/a:b,c 100%" }], "/repo");
    expect(formatAnnotations(list)).toMatch(
      /^::error title=pipeline%3A disk-full::the disk is full: \/a:b,c 100%25%0AFree some space, .*\n$/,
    );
  });

  test("are at most ten of a kind, the last of which counts those that are left out", () => {
    const lines = formatAnnotations([...marks(10, "warning"), ...marks(60, "error")])
      .trimEnd()
      .split("\n");
    expect(lines.filter((line) => line.startsWith("::warning "))).toHaveLength(10);
    const errors = lines.filter((line) => line.startsWith("::error "));
    expect(errors).toHaveLength(10);
    expect(errors.at(-1)).toBe("::error title=pipeline::and 51 more, in the log");
    expect(formatAnnotations([])).toBe("");
  });

  test("hostile names give no command and no property of their own", () => {
    const location = { file: `/repo/${hostileName}`, text, start: 0, end: 4 };
    const diagnostics = [{ severity: "error", message: hostileName, location }] as const;
    const failures = [
      { reason: "invalid-pipeline", diagnostics },
      { reason: "unusable-argument", message: hostileName.repeat(500) },
    ] as const;
    const marked = formatAnnotations(annotationsOf(failures, "/repo"));
    expect(unprintable.test(marked)).toBe(false);
    const lines = marked.trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      const [, properties = ""] = /^::error (.*?)::/.exec(line) ?? [];
      const names = properties.split(",").map((each) => each.split("=")[0]);
      expect(["file", "line", "endLine", "col", "endColumn", "title"]).toEqual(expect.arrayContaining(names));
      expect(line.length).toBeLessThan(10_000);
    }
  });
});
