import { existsSync, readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Failure } from "../../src/base/failure.ts";
import { fakeTools } from "../rig/fake-tools.ts";
import { Rig, type Ended } from "../rig/rig.ts";
import { tinyPipeline } from "../rig/tiny.ts";
import type { ToolName } from "../../src/base/tool.ts";

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig[Symbol.dispose]());

const runWith = (tool: ToolName, script: string, pipeline = tinyPipeline): Promise<Ended> => {
  const folder = fakeTools(rig, tool, script);
  rig.write("tiny.yaml", pipeline);
  return rig.run("tiny.yaml", "--llama-cpp", folder);
};

const failureOf = (ended: Ended): Failure | undefined => ended.result?.failures?.[0];

/** Nothing that failed may be found by a later run: with good tools, the step runs and the results are right. */
const expectNothingPublished = async (step: string): Promise<void> => {
  const again = await rig.run("tiny.yaml");
  expect(again.code, again.stderr).toBe(0);
  expect(again.steps.get(step)).toBe("done");
  expect(rig.survivors()).toEqual([]);
};

const onKlRuns = (then: string): string => `case "$*" in *--kl-divergence\\ *) ${then} ;; *) exec "$real" "$@" ;; esac`;

describe("a tool that misbehaves", () => {
  test("a llama-perplexity that exits 0 without its last lines is repeated three times more, then fails", async () => {
    const ended = await runWith("llama-perplexity", onKlRuns('"$real" "$@" | head -n 60'));
    expect(ended.code).toBe(1);
    expect(failureOf(ended)).toMatchObject({ reason: "tool-incomplete", tool: "llama-perplexity", attempts: 4 });
    expect(ended.events.filter(({ type }) => type === "attempt")).toHaveLength(3);
    await expectNothingPublished("validate/Q8_0/1");
  });

  test("output that is complete at the second try counts, and the repeat is counted", async () => {
    const flag = rig.path("first");
    const script = onKlRuns(`if [ -e ${flag} ]; then exec "$real" "$@"; fi; touch ${flag}; "$real" "$@" | head -n 60`);
    const ended = await runWith("llama-perplexity", script);
    expect(ended.code, ended.stdout).toBe(0);
    expect(ended.events.filter(({ type }) => type === "attempt")).toHaveLength(1);
    expect(JSON.parse(rig.read("out/tiny/run.json"))).toMatchObject({ repeats: 1 });
  });

  test("a llama-perplexity that prints nan fails at once, naming the chunk", async () => {
    const ended = await runWith(
      "llama-perplexity",
      onKlRuns(`"$real" "$@" | sed -E 's/"msg":"( *[0-9]+\\.[0-9]+ ±)/"msg":"   nan ±/'`),
    );
    expect(ended.code).toBe(1);
    expect(failureOf(ended)).toMatchObject({ reason: "tool-failed", tool: "llama-perplexity" });
    expect(JSON.stringify(failureOf(ended))).toContain("not finite");
    expect(ended.events.filter(({ type }) => type === "attempt")).toHaveLength(0);
    await expectNothingPublished("validate/Q8_0/1");
  });

  test("a llama-perplexity that hangs is ended after the stall limit", async () => {
    const ended = await runWith("llama-perplexity", onKlRuns("sleep 1000"), tinyPipeline.replace("20s", "2s"));
    expect(ended.code).toBe(1);
    expect(failureOf(ended)).toMatchObject({ reason: "tool-stalled", tool: "llama-perplexity", seconds: 2 });
    expect(rig.survivors()).toEqual([]);
    await expectNothingPublished("validate/Q8_0/1");
  });

  const half = 'out=./quant.gguf; size=$(stat -c %s "$out"); truncate -s $((size / 2)) "$out"';

  test("a llama-quantize that dies half-way through its file leaves nothing behind", async () => {
    const ended = await runWith("llama-quantize", `"$real" "$@" || exit; ${half}; kill -9 $$`);
    expect(ended.code).toBe(1);
    expect(failureOf(ended)).toMatchObject({ reason: "tool-failed", tool: "llama-quantize", signal: "SIGKILL" });
    await expectNothingPublished("quantize/Q8_0");
  });

  test("a llama-quantize that exits 0 with half a file is caught by the check, and the file is kept aside", async () => {
    const ended = await runWith("llama-quantize", `"$real" "$@" || exit; ${half}; exit 0`);
    expect(ended.code).toBe(1);
    expect(failureOf(ended)).toMatchObject({ reason: "artifact-invalid", step: "quantize/Q8_0", output: "quant" });
    expect(readdirSync(rig.path("store/store-v1/quarantine"))).toHaveLength(1);
    await expectNothingPublished("quantize/Q8_0");
  });

  test("a llama-imatrix that exits 0 without writing its file is caught", async () => {
    const ended = await runWith("llama-imatrix", '"$real" "$@"; code=$?; rm -f collected.gguf; exit $code');
    expect(ended.code).toBe(1);
    expect(failureOf(ended)).toMatchObject({ reason: "artifact-invalid", step: "imatrix/notes/1", output: "imatrix" });
    expect(existsSync(rig.path("out/tiny/report.json"))).toBe(false);
  });

  test("a failed step leaves the ones that do not need it running with --keep-going", async () => {
    const folder = fakeTools(rig, "llama-quantize", 'case "$*" in *Q4_K_M*) exit 3 ;; *) exec "$real" "$@" ;; esac');
    rig.write("tiny.yaml", tinyPipeline);
    const ended = await rig.run("tiny.yaml", "--llama-cpp", folder, "--keep-going");
    expect(ended.code).toBe(1);
    expect(ended.steps.get("quantize/Q4_K_M")).toBe("failed");
    expect(ended.steps.get("validate/Q8_0/1")).toBe("done");
    expect(ended.steps.get("validate/Q4_K_M/1")).toBe("skipped");
    expect(ended.steps.get("report")).toBe("skipped");
    const { steps } = JSON.parse(rig.read("out/tiny/run.json")) as { steps: { step: string; status: string }[] };
    expect(steps.find(({ step }) => step === "quantize/Q4_K_M")?.status).toBe("failed");
  });
});
