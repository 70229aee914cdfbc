import { expect, test } from "vitest";
import type { Reason, ReasonCode } from "../../src/base/reason.ts";
import { describeReason, describeReasons } from "../../src/report/describe-reason.ts";

const [a, b] = ["0123456789abcdef".repeat(4), "fedcba9876543210".repeat(4)];

/** At least one of every code: the type holds it. */
const all: { readonly [C in ReasonCode]: readonly Extract<Reason, { readonly code: C }>[] } = {
  "never-ran": [{ code: "never-ran" }],
  parameter: [
    { code: "parameter", field: "chunks", from: "32", to: "64" },
    { code: "parameter", field: "sources", from: "none", to: `["${"long, ".repeat(20)}"]` },
  ],
  input: [
    { code: "input", field: "model.gguf", from: a, to: b },
    { code: "input", field: "source/notes/new.txt", from: "none", to: b },
    { code: "input", field: "source/notes/old.txt", from: a, to: "none" },
  ],
  tool: [{ code: "tool", field: "llama-quantize.version", from: "0.5.0", to: "0.7.0" }],
  "numeric-class": [{ code: "numeric-class", field: "isa", from: "x86-64-v3", to: "x86-64-v4" }],
  "step-version": [{ code: "step-version", from: "[1]", to: "[2]" }],
  "output-missing": [{ code: "output-missing", field: "quant" }],
  "needed-again": [{ code: "needed-again", field: "logits" }],
  upstream: [{ code: "upstream", field: "corpus" }],
  forced: [{ code: "forced" }],
  "not-selected": [{ code: "not-selected" }],
  "upstream-failed": [{ code: "upstream-failed", field: "imatrix/a\u001b[0m" }],
  stopped: [{ code: "stopped" }],
  decided: [
    { code: "decided", field: "Q4_K_M", verdict: "PASS", domain: "general" },
    { code: "decided", field: "IQ4_XS", verdict: "FAIL" },
  ],
  dominated: [{ code: "dominated", field: "IQ4_XS" }],
  "not-chosen": [{ code: "not-chosen", field: "Q6_K" }],
  "not-needed": [{ code: "not-needed" }],
  "undecided-yet": [{ code: "undecided-yet" }],
};

test("every code in words", () => {
  expect(Object.values(all).flat().map(describeReason).join("\n")).toMatchInlineSnapshot(`
    "never ran
    parameter chunks 32 → 64
    parameter sources none → ["long, long, long, long, long, long, long, long, long, lon…
    input model.gguf changed 0123456789ab → fedcba987654
    input source/notes/new.txt is new
    input source/notes/old.txt is gone
    tool llama-quantize.version 0.5.0 → 0.7.0
    numeric class isa x86-64-v3 → x86-64-v4
    this program does the step in another way than before
    output quant is gone from the store or damaged
    output logits is not kept and needed again
    corpus runs first
    --force names it
    --only does not name it
    imatrix/a\\x1b[0m did not succeed
    the run ended before its turn
    Q4_K_M passed on general
    IQ4_XS failed
    IQ4_XS beats it by rule
    Q6_K is not the choice
    nothing that ran needs it
    only if earlier measurements leave it open"
  `);
});

test("many reasons in one line", () => {
  expect(describeReasons([...all.parameter, ...all.input])).toMatch(/; and 2 more$/);
  expect(describeReasons(all.forced)).toBe("--force names it");
  expect(describeReasons([])).toBe("");
});
