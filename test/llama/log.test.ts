import { describe, expect, it } from "vitest";
import { lineReader, longestLine } from "../../src/llama/lines.ts";
import { toolLog } from "../../src/llama/log.ts";
import { forms, output, replay } from "./fixture.ts";

const collect = (pieces: readonly string[], early: readonly RegExp[] = []): string[] => {
  const lines: string[] = [];
  const reader = lineReader((line) => lines.push(line), early);
  for (const piece of pieces) reader.push(piece);
  reader.end();
  return lines;
};

describe("lineReader", () => {
  it("ends lines at LF, CR and CR LF, wherever the text is cut", () => {
    const text = "a\nb\rc\r\n\nd";
    for (let cut = 0; cut <= text.length; cut += 1)
      expect(collect([text.slice(0, cut), text.slice(cut)])).toEqual(["a", "b", "c", "", "d"]);
    expect(collect(text.split(/(?:)/))).toEqual(["a", "b", "c", "", "d"]);
  });

  it("keeps the start of a line that is too long, once", () => {
    const long = "x".repeat(longestLine);
    expect(collect([long, long, "y\nz"])).toEqual([long, "z"]);
  });

  it("gives out an early start at once", () => {
    expect(collect(["[1]2.5", ",[2]3.", "5,\nrest\n"], [/^\[\d+\][\d.]+,/])).toEqual([
      "[1]2.5,",
      "[2]3.5,",
      "",
      "rest",
    ]);
  });
});

const textOf = (bytes: readonly (string | Uint8Array)[], json: boolean): string => {
  let text = "";
  const log = toolLog(json, (more) => (text += more));
  for (const piece of bytes) log.write(Buffer.from(piece), "stdout");
  log.end();
  return text;
};

const record = (level: string, msg: string): string => `${JSON.stringify({ type: "log", time: 1, level, msg })}\n`;

describe("toolLog", () => {
  it("puts together characters that were cut", () => {
    const bytes = Buffer.from("Δp ± 😀");
    expect(
      textOf(
        [...bytes].map((byte) => Uint8Array.of(byte)),
        false,
      ),
    ).toBe("Δp ± 😀");
  });

  it("joins the fragments of JSON records and marks their level", () => {
    const text = textOf(
      [record("none", "   1"), record("none", "  2.5\n"), record("error", "bad\n"), record("warn", "\nodd\n")],
      true,
    );
    expect(text).toBe("   1  2.5\nE bad\n\nW odd\n");
  });

  it("passes what is no record, and skips records of another type", () => {
    expect(
      textOf(['{"type":"fit_memory_breakdown","data":{}}\n', "GGML_ASSERT(x) failed\n", '{"type":"lo'], true),
    ).toBe('GGML_ASSERT(x) failed\n{"type":"lo\n');
  });

  it("gives the same text however the bytes are cut", () => {
    for (const form of forms) {
      const texts = [1, 2, 3, 5, 64, 1e6].map((size) => {
        const text = { stdout: "", stderr: "" };
        replay(output("candidate", form), form, (more, stream) => (text[stream] += more), size);
        return text;
      });
      for (const text of texts) expect(text).toEqual(texts[0]);
    }
  });

  it("keeps the last 200 lines that say something, an open one included", () => {
    const log = toolLog(false, () => {});
    for (let line = 1; line <= 300; line += 1) log.write(Buffer.from(`line ${line}\n\n`), "stderr");
    log.write(Buffer.from("open"), "stdout");
    expect(log.lastLines()).toHaveLength(200);
    expect(log.lastLines().at(0)).toBe("line 102");
    expect(log.lastLines().slice(-2)).toEqual(["line 300", "open"]);
  });
});
