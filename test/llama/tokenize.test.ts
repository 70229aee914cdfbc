import { describe, expect, it } from "vitest";
import { tokenizeArgv, tokenizeOutcome, tokenizeParser } from "../../src/llama/tokenize.ts";
import { cutResults, parsed } from "./fixture.ts";

describe("tokenizeArgv", () => {
  it("takes special tokens and escapes as text, and keeps the log off stdout", () => {
    expect(tokenizeArgv({ model: "model.gguf", text: "text.txt" }).join(" ")).toBe(
      "-m model.gguf -f text.txt --ids --show-count --no-parse-special --no-escape " +
        "-lv 1 --log-colors off --log-prefix --log-timestamps",
    );
  });
});

const outcomeOf = (text: string) => {
  const parser = tokenizeParser();
  parser.push(text, "stdout");
  return tokenizeOutcome(parser.run());
};

describe("tokenizeParser", () => {
  it("reads real ids and their count", () => {
    const run = parsed(tokenizeParser, "tokenize", "plain");
    expect(run.ids).toHaveLength(66);
    expect([...run.ids.subarray(0, 3)]).toEqual([1, 585, 198]);
    expect(tokenizeOutcome(run)).toEqual({ status: "complete" });
  });

  it("does not depend on how the output is cut", () => {
    const whole = parsed(tokenizeParser, "tokenize", "plain");
    for (const run of cutResults(tokenizeParser, "tokenize", "plain")) expect(run).toEqual(whole);
  });

  it("compares the ids with the count", () => {
    expect(outcomeOf("[1, 2]\nTotal number of tokens: 2\n")).toEqual({ status: "complete" });
    expect(outcomeOf("[]\nTotal number of tokens: 0\n")).toEqual({ status: "complete" });
    expect(outcomeOf("[1, 2]\nTotal number of tokens: 3\n")).toEqual({ status: "incomplete", missing: "token 3 of 3" });
    expect(outcomeOf("[1, 2]\nTotal number of tok")).toMatchObject({ missing: "the total number of tokens" });
    expect(outcomeOf("[1, x]\nTotal number of tokens: 2\n")).toMatchObject({ missing: "a readable token id" });
    expect(outcomeOf("")).toMatchObject({ status: "incomplete" });
  });

  it("holds any number of ids", () => {
    const parser = tokenizeParser();
    parser.push("[", "stdout");
    for (let id = 0; id < 100_000; id += 1) parser.push(`${id}, `, "stdout");
    parser.push("7]\nTotal number of tokens: 100001\n", "stdout");
    expect(tokenizeOutcome(parser.run())).toEqual({ status: "complete" });
    expect(parser.run().ids[99_999]).toBe(99_999);
  });

  it("reads an error", () => {
    const parser = tokenizeParser();
    parser.push('error while handling argument "-f": error: failed to open file', "stderr");
    parser.push(" 'x'\n", "stderr");
    expect(tokenizeOutcome(parser.run())).toMatchObject({ status: "refused" });
  });
});
