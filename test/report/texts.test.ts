import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sha256 } from "../../src/base/canonical.ts";
import { stepId } from "../../src/base/ids.ts";
import type { Forecast } from "../../src/plan/forecast.ts";
import { formatBug } from "../../src/report/bug.ts";
import { formatFindings } from "../../src/report/findings.ts";
import { wrap } from "../../src/report/layout.ts";
import { phasesOf } from "../../src/report/phases.ts";
import { formatForecast } from "../../src/report/plan.ts";
import { progressBar, progressLine } from "../../src/report/progress.ts";
import { against, formatAmount, formatKld, formatRise, formatSeconds, formatShare } from "../../src/report/quantity.ts";
import { safe } from "../../src/report/safe.ts";
import { formatSums } from "../../src/report/sums.ts";

describe("formatSums", () => {
  test("is what sha256sum checks, also for names with line breaks and backslashes", () => {
    const folder = mkdtempSync(join(tmpdir(), "sums-"));
    const files = ["plain.txt", "two words", "line\nbreak", String.raw`back\slash`, "-dash"];
    for (const file of files) writeFileSync(join(folder, file), file);
    writeFileSync(join(folder, "SHA256SUMS"), formatSums(files.map((file) => ({ file, sha256: sha256(file) }))));
    const output = execFileSync("sha256sum", ["-c", "SHA256SUMS"], { cwd: folder, encoding: "utf8" });
    expect(output.match(/: OK$/gm)).toHaveLength(files.length);
    rmSync(folder, { recursive: true });
  });

  test("nothing gives nothing", () => expect(formatSums([])).toBe(""));
});

test("formatForecast: every step with its status and a line for each reason", () => {
  const list: Forecast[] = [
    { step: stepId("model"), title: "Check the model", status: "cached", why: [] },
    {
      step: stepId("imatrix/notes"),
      title: "t",
      status: "run",
      why: [{ code: "parameter", field: "chunks", from: "32", to: "64" }, { code: "forced" }],
    },
    { step: stepId("quantize/Q4_K_M"), title: "t", status: "if", why: [{ code: "upstream", field: "imatrix" }] },
  ];
  expect(formatForecast(list, { color: false })).toMatchInlineSnapshot(`
    "step             status  why
    model            cached
    imatrix/notes    run     parameter chunks 32 → 64
                             --force names it
    quantize/Q4_K_M  if      imatrix runs first

    1 step to run, 1 only if what comes before asks for it, 1 cached
    "
  `);
  expect(formatForecast(list, { color: true })).toContain("\u001b[1mrun\u001b[22m");
});

test("formatFindings: what is not well has the line that mends it", () => {
  const text = formatFindings(
    [
      { subject: "Node", status: "ok", detail: "v24.21.0" },
      { subject: "llama.cpp", status: "missing", detail: "not found", remedy: "pipeline toolchain install" },
      { subject: "disk", status: "warning", detail: "1.20 GiB free\u001b[2J" },
    ],
    { color: false },
  );
  expect(text).toMatchInlineSnapshot(`
    "✓ ok       Node       v24.21.0
    ✗ missing  llama.cpp  not found
        mend it: pipeline toolchain install
    ! warning  disk       1.20 GiB free\\x1b[2J
    "
  `);
});

test("formatBug: the message, versions, stack, and the request to report it", () => {
  const error = new Error("Internal error: two\nlines");
  error.stack = "Error: Internal error: two\nlines\n    at f (/a/b.ts:1:2)\n    at g (/a/c.ts:3:4)";
  const versions = { program: "0.1.0", node: "v24.21.0", platform: "linux" };
  expect(formatBug(error, versions)).toMatchInlineSnapshot(`
    "This is a bug in pipeline: Internal error: two\\nlines

    pipeline 0.1.0, node v24.21.0, linux
      at f (/a/b.ts:1:2)
      at g (/a/c.ts:3:4)

    Please report it with the lines above and the command you ran. Finished steps are kept.
    "
  `);
  expect(formatBug("text", versions)).toContain("This is a bug in pipeline: text\n");
});

test("safe: nothing that draws, moves or reverses gets through", () => {
  expect(safe("a\u001b[31m\u009b\u0007\r\n\t\u2028\u202e\ufeff\ud800z")).toBe(
    String.raw`a\x1b[31m\x9b\x07\r\n\t\u2028\u202e\ufeff\ud800z`,
  );
  expect(safe("naïve 名前 👩‍👩‍👧 Δ ≤")).toBe("naïve 名前 👩‍👩‍👧 Δ ≤");
});

describe("numbers", () => {
  test.each([
    [0.02, "20 ms"],
    [0.5, "0.5 s"],
    [9.94, "9.9 s"],
    [72.4, "1 m 12 s"],
    [7325, "2 h 2 m"],
    [Number.POSITIVE_INFINITY, "–"],
  ])("%f s is %s", (seconds, text) => expect(formatSeconds(seconds)).toBe(text));

  test("a number beside its limit has the digits that tell them apart", () => {
    expect(against(0.05, 0.06, formatKld, 4)).toBe("0.0500");
    expect(against(0.06001, 0.06, formatKld, 4)).toBe("0.06001");
    expect(against(0.06, 0.06, formatKld, 4)).toBe("0.0600");
  });

  test("percent and amounts", () => {
    expect([formatShare(0.03), formatShare(0.005), formatShare(0.95)]).toEqual(["3 %", "0.5 %", "95 %"]);
    expect([formatRise(Math.log(0.99)), formatRise(Math.log(40)), formatRise(50)]).toEqual(["−1.00", "+3900", ">1e6"]);
    expect(formatAmount(2 ** 21, "bytes")).toBe("2.00 MiB");
    expect(formatAmount(0.123456, "chunks")).toBe("0.123 chunks");
  });
});

test("progress without a known rate or total", () => {
  const event = {
    type: "progress",
    step: stepId("m"),
    done: 0,
    total: 0,
    unit: "chunks",
    rate: 0,
  } as const;
  expect(progressLine(event)).toBe("0 %, 0 of 0 chunks");
  expect(progressBar({ ...event, done: 2 ** 20, total: 2 ** 21, unit: "bytes", rate: 2 ** 20, eta: 1 })).toBe(
    "██████████░░░░░░░░░░ 50 % · 1.00 MiB of 2.00 MiB · 1.00 MiB/s · ETA 1 s",
  );
});

test("phases: measurements by shard, kinds that are not known under their own name", () => {
  const ids = ["model", "imatrix/a", "imatrix", "baseline/1", "validate/Q8_0/1", "baseline/2", "later/x"].map(stepId);
  expect(phasesOf(ids).map(({ title, steps }) => `${title}: ${steps.join(" ")}`)).toEqual([
    "Model: model",
    "Importance matrix: imatrix/a imatrix",
    "Measure shard 1: baseline/1 validate/Q8_0/1",
    "Measure shard 2: baseline/2",
    "later: later/x",
  ]);
});

test("wrap breaks between words only", () => {
  expect(wrap("one two three", 8)).toBe("one two\nthree");
  expect(wrap("one two three", 8, "  ")).toBe("one two\n  three");
  expect(wrap("a-very-long-word x", 4)).toBe("a-very-long-word\nx");
});
