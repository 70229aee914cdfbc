import { describe, expect, test } from "vitest";
import type { Diagnostic, Location } from "../../src/base/diagnostic.ts";
import { formatDiagnostics } from "../../src/report/diagnostics.ts";
import { excerptOf, positionOf } from "../../src/report/excerpt.ts";

const at = (text: string, part: string, file = "/home/me/pipelines/medical.yaml"): Location => {
  const start = text.indexOf(part);
  return { file, text, start, end: start + part.length };
};

const note = (location: Location, extra: Partial<Diagnostic> = {}): Diagnostic => ({
  severity: "error",
  message: "unknown key tolerence",
  location,
  ...extra,
});

const start = (text: string, offset: number): Location => ({ file: "f", text, start: offset, end: offset });

const plain = { color: false, cwd: "/home/me" };
const yaml = "name: medical\nselect:\n  tolerence: chat\n  tolerance: chat\n";

describe("formatDiagnostics", () => {
  test("place, source line, squiggle, help, related place and count", () => {
    const related = [{ message: "the other one is here", location: at(yaml, "tolerance") }];
    const list = [
      note(at(yaml, "tolerence"), { help: "did you mean tolerance?", related }),
      note(at(yaml, "medical"), { severity: "warning", message: "a short name" }),
    ];
    expect(formatDiagnostics(list, plain)).toMatchInlineSnapshot(`
      "pipelines/medical.yaml:3:3 error: unknown key tolerence
          3 |   tolerence: chat
            |   ~~~~~~~~~
        help: did you mean tolerance?
        pipelines/medical.yaml:4:3 the other one is here
          4 |   tolerance: chat
            |   ~~~~~~~~~

      pipelines/medical.yaml:1:7 warning: a short name
          1 | name: medical
            |       ~~~~~~~

      1 error, 1 warning
      "
    `);
  });

  test("colour only adds codes", () => {
    const colored = formatDiagnostics([note(at(yaml, "tolerence"))], { ...plain, color: true });
    expect(colored).toContain("\u001b[31m~~~~~~~~~\u001b[39m");
    // oxlint-disable-next-line no-control-regex -- the codes are what is removed
    expect(colored.replaceAll(/\u001b\[\d+m/g, "")).toBe(formatDiagnostics([note(at(yaml, "tolerence"))], plain));
  });

  test("a location over several lines", () => {
    expect(formatDiagnostics([note(at(yaml, "select:\n  tolerence: chat"))], plain)).toMatchInlineSnapshot(`
      "pipelines/medical.yaml:2:1 error: unknown key tolerence
          2 | select:
            | ~~~~~~~ … to line 3

      1 error, 0 warnings
      "
    `);
  });

  test("tabs and wide characters", () => {
    const text = "a:\n\t名前: \twert # x\n";
    expect(formatDiagnostics([note(at(text, "wert")), note(at(text, "名前"))], plain)).toMatchInlineSnapshot(`
      "pipelines/medical.yaml:2:7 error: unknown key tolerence
          2 |     名前:   wert # x
            |             ~~~~

      pipelines/medical.yaml:2:2 error: unknown key tolerence
          2 |     名前:   wert # x
            |     ~~~~

      2 errors, 0 warnings
      "
    `);
  });

  test("a long line is cut to a window around the squiggle", () => {
    const text = `types: [${"Q4_K_M, ".repeat(30)}WRONG, ${"Q8_0, ".repeat(30)}]`;
    const list = [note(at(text, "WRONG")), note(at(text, "types")), note(at(text, "]"))];
    expect(formatDiagnostics(list, { ...plain, columns: 60 })).toMatchInlineSnapshot(`
      "pipelines/medical.yaml:1:249 error: unknown key tolerence
          1 | …Q4_K_M, Q4_K_M, WRONG, Q8_0, Q8_0, Q8_0, Q8_0, Q8_…
            |                  ~~~~~

      pipelines/medical.yaml:1:1 error: unknown key tolerence
          1 | types: [Q4_K_M, Q4_K_M, Q4_K_M, Q4_K_M, Q4_K_M, Q4_…
            | ~~~~~

      pipelines/medical.yaml:1:436 error: unknown key tolerence
          1 | …, Q8_0, Q8_0, Q8_0, Q8_0, Q8_0, Q8_0, Q8_0, Q8_0, ]
            |                                                    ~

      3 errors, 0 warnings
      "
    `);
  });

  test("control characters in the source and in names are shown and not obeyed", () => {
    const text = "name: \u001b[31mred\u0007\n";
    const shown = formatDiagnostics([note(at(text, "red", "/tmp/a\u001b[0m\nb.yaml"))], plain);
    expect(shown).toMatchInlineSnapshot(`
      "/tmp/a\\x1b[0m\\nb.yaml:1:12 error: unknown key tolerence
          1 | name: \\x1b[31mred\\x07
            |               ~~~

      1 error, 0 warnings
      "
    `);
  });
});

describe("positions", () => {
  test.each([
    ["", 0, 1, 1],
    ["abc", 3, 1, 4],
    ["a\r\nb", 3, 2, 1],
    ["a\rb", 2, 2, 1],
    ["a\n", 2, 2, 1],
    ["\ufeffname", 1, 1, 1],
    ["😀x", 2, 1, 2],
  ])("%j at %i is line %i, column %i", (text, offset, line, column) => {
    expect(positionOf(start(text, offset))).toEqual({ line, column });
  });

  test("a place without width gets one tilde, also behind the last character and in an empty file", () => {
    expect(excerptOf(start("abc", 1), 80)).toEqual({ line: "abc", squiggle: " ~" });
    expect(excerptOf(start("abc\n", 3), 80)).toEqual({ line: "abc", squiggle: "   ~" });
    expect(excerptOf(start("", 0), 80)).toEqual({ line: "", squiggle: "~" });
  });

  test("combining characters and emoji take the columns they take on screen", () => {
    const text = "e\u0301x👩‍👩‍👧y";
    expect(excerptOf(at(text, "x"), 80).squiggle).toBe(" ~");
    expect(excerptOf(at(text, "y"), 80).squiggle).toBe("    ~");
  });
});
