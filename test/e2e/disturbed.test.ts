import { appendFileSync, truncateSync, statSync } from "node:fs";
import { expect, test } from "vitest";
import { Rig, stepIs } from "../rig/rig.ts";
import { tinyPipeline } from "../rig/tiny.ts";

test("a model that changes while a step reads it makes that step fail, and nothing of it is kept", async () => {
  using rig = new Rig();
  rig.write("tiny.yaml", tinyPipeline);
  const model = rig.path("models/pocket-f16.gguf");
  const { size } = statSync(model);
  const running = rig.startRun("tiny.yaml");
  await running.until(stepIs("imatrix/notes/1", "started"));
  appendFileSync(model, "x");
  const ended = await running.ended;
  expect(ended.code).toBe(1);
  expect(ended.result).toMatchObject({ failures: [{ reason: "input-changed", step: "imatrix/notes/1", path: model }] });
  truncateSync(model, size);
  const again = await rig.run("tiny.yaml");
  expect(again.code, again.stdout).toBe(0);
  expect(again.steps.get("imatrix/notes/1")).toBe("done");
  expect(again.steps.get("corpus")).toBe("cached");
});

test("two runs at once on one store both end well, although each drops the base logits it shares", async () => {
  using rig = new Rig();
  rig.write("a.yaml", tinyPipeline.replace("name: tiny", "name: a"));
  rig.write(
    "b.yaml",
    tinyPipeline.replace("name: tiny", "name: b").replace("[Q8_0, Q4_K_M]", "[Q6_K, Q5_K_M, Q3_K_M]"),
  );
  const [a, b] = await Promise.all([rig.run("a.yaml"), rig.run("b.yaml")]);
  expect(a.code, a.stdout).toBe(0);
  expect(b.code, b.stdout).toBe(0);
  expect(rig.sums("a").get("imatrix.gguf")).toBe(rig.sums("b").get("imatrix.gguf"));
});

test("a glob that names no step is a usage error", async () => {
  using rig = new Rig();
  rig.write("tiny.yaml", tinyPipeline);
  for (const option of ["--only", "--force"]) {
    const ended = await rig.run("tiny.yaml", option, "quantise/*");
    expect(ended.code).toBe(2);
    expect(JSON.stringify(ended.result)).toContain("quantise/* names no step");
  }
});

test("--only runs the named steps and nothing else; --force runs a step that is cached", async () => {
  using rig = new Rig();
  rig.write("tiny.yaml", tinyPipeline);
  const only = await rig.run("tiny.yaml", "--only", "model", "--only", "quantize/Q8_0");
  expect(only.code).toBe(0);
  expect(only.steps.get("quantize/Q8_0")).toBe("done");
  expect(only.steps.get("corpus")).toBe("skipped");
  const forced = await rig.run("tiny.yaml", "--force", "quantize/*");
  expect(forced.steps.get("model")).toBe("cached");
  expect(forced.steps.get("quantize/Q8_0")).toBe("done");
  expect(forced.code).toBe(0);
});
