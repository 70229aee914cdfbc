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
