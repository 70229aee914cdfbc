import { appendFileSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { fakeTools } from "../rig/fake-tools.ts";
import { Rig, stepsThat } from "../rig/rig.ts";
import { tinyPipeline } from "../rig/tiny.ts";

test("at the deadline tools are ended, and the same command goes on from there", async () => {
  using rig = new Rig();
  rig.write("tiny.yaml", tinyPipeline);
  const tools = fakeTools(rig, "llama-imatrix", "trap '' TERM INT HUP; while :; do sleep 1; done");
  const ended = await rig.run("tiny.yaml", "--deadline", "0m 8s", "--llama-cpp", tools);
  expect(ended.code).toBe(1);
  const done = stepsThat(ended, "done").length;
  expect(ended.result).toMatchObject({
    ok: false,
    exitCode: 1,
    failures: [{ reason: "deadline", seconds: 8, steps: { done, all: ended.steps.size } }],
  });
  expect(rig.survivors()).toEqual([]);
  const again = await rig.run("tiny.yaml", "--deadline", "5h30m");
  expect(again.code, again.stdout).toBe(0);
  for (const step of stepsThat(ended, "done")) expect(again.steps.get(step)).toBe("cached");
});

test("no step is begun when no time is left for it, and that is no interruption", async () => {
  using rig = new Rig();
  rig.write("tiny.yaml", tinyPipeline);
  const ended = await rig.run("tiny.yaml", "--deadline", "0.01s");
  expect(ended.code).toBe(1);
  expect(ended.result?.failures).toMatchObject([{ reason: "deadline", seconds: 0.01, steps: { done: 0 } }]);
  expect(stepsThat(ended, "done")).toEqual([]);
});

test.for(["", "5", "0s", "-1h", "1h1h"])("%j is no deadline", async (text) => {
  using rig = new Rig();
  rig.write("tiny.yaml", tinyPipeline);
  const ended = await rig.run("tiny.yaml", "--deadline", text);
  expect(ended.code).toBe(2);
  expect(ended.result?.failures).toMatchObject([{ reason: "unusable-argument" }]);
});

test("a run pins what it used; a later one tells what differs; a frozen one refuses it before anything runs", async () => {
  using rig = new Rig();
  rig.write("tiny.yaml", tinyPipeline);
  const lock = rig.path("tiny.lock");
  const missing = await rig.run("tiny.yaml", "--frozen");
  expect(missing.code).toBe(1);
  expect(missing.result?.failures).toEqual([{ reason: "frozen-changed", lock, problem: "missing", changes: [] }]);
  expect(missing.steps.size).toBe(0);

  const first = await rig.run("tiny.yaml");
  expect(first.code, first.stdout).toBe(0);
  const text = rig.read("tiny.lock");
  expect(first.events).toContainEqual({ type: "lock", status: "written", path: lock, changes: [] });
  expect(text).not.toContain(rig.folder);
  expect(text).toMatch(/\n {2}"manifest": "[0-9a-f]{64}"/);
  const frozen = await rig.run("tiny.yaml", "--frozen");
  expect(frozen.code, frozen.stdout).toBe(0);

  appendFileSync(rig.path("corpora/medical/notes", firstText(rig)), "One more line.\n");
  rig.edit("tiny.yaml", "Q8_0, Q4_K_M", "Q8_0");
  const refused = await rig.run("tiny.yaml", "--frozen");
  expect(refused.code).toBe(1);
  expect(refused.steps.size).toBe(0);
  const changes = [
    { what: "source", name: "notes", files: { count: 1, first: [firstText(rig)] } },
    { what: "setting", name: "quantize.types", from: '["Q8_0","Q4_K_M"]', to: '["Q8_0"]' },
  ];
  expect(refused.result).toMatchObject({ failures: [{ reason: "frozen-changed", problem: "differs", changes }] });
  const told = await rig.run("tiny.yaml");
  expect(told.code, told.stdout).toBe(0);
  expect(told.events).toContainEqual(expect.objectContaining({ type: "lock", status: "differs" }));
  expect(rig.read("tiny.lock")).toBe(text);

  expect((await rig.run("tiny.yaml", "--update-lock")).code).toBe(0);
  expect(rig.read("tiny.lock")).not.toBe(text);
  expect((await rig.run("tiny.yaml", "--frozen")).code).toBe(0);
  expect((await rig.run("tiny.yaml", "--frozen", "--update-lock")).code).toBe(2);

  rig.write("tiny.lock", "<<<<<<< HEAD\n");
  const damaged = await rig.run("tiny.yaml");
  expect(damaged.events).toContainEqual({ type: "lock", status: "damaged", path: lock, changes: [] });
  expect(rig.read("tiny.lock")).toBe("<<<<<<< HEAD\n");
  expect((await rig.run("tiny.yaml", "--frozen")).result).toMatchObject({ failures: [{ problem: "damaged" }] });
});

test("a corpus that comes out otherwise ends a frozen run before anything reads it", async () => {
  using rig = new Rig();
  rig.write("tiny.yaml", tinyPipeline);
  expect((await rig.run("tiny.yaml")).code).toBe(0);
  const other = "0".repeat(64);
  rig.write("tiny.lock", rig.read("tiny.lock").replace(/("manifest": ")[0-9a-f]+/, `$1${other}`));
  const ended = await rig.run("tiny.yaml", "--frozen");
  expect(ended.code).toBe(1);
  expect(ended.result).toMatchObject({
    failures: [{ reason: "frozen-changed", changes: [{ what: "manifest", from: other }] }],
  });
  expect(ended.steps.get("corpus")).toBe("failed");
  expect(ended.steps.get("imatrix/notes/1")).toBe("skipped");
});

const firstText = (rig: Rig, folder = "medical/notes"): string =>
  readdirSync(rig.path("corpora", folder))
    .filter((name) => name.endsWith(".txt"))
    .sort()[0] ?? "";
