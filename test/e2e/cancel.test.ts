import { expect, test } from "vitest";
import { fakeTools } from "../rig/fake-tools.ts";
import { Rig, stepIs, stepsThat } from "../rig/rig.ts";
import { tinyPipeline } from "../rig/tiny.ts";

const signals = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const;

test.for(signals)(
  "%s during the imatrix ends with %i, leaves no process, and the next run goes on",
  async ([signal, code]) => {
    using rig = new Rig();
    rig.write("tiny.yaml", tinyPipeline);
    const running = rig.startRun("tiny.yaml");
    await running.until((event) => event.type === "progress" && event.step === "imatrix/notes/1");
    const asked = performance.now();
    running.kill(signal);
    const ended = await running.ended;
    expect(performance.now() - asked).toBeLessThan(5000);
    expect(ended.code).toBe(code);
    expect(ended.result).toMatchObject({ ok: false, exitCode: code, failures: [{ reason: "interrupted", signal }] });
    expect(rig.survivors()).toEqual([]);
    const again = await rig.run("tiny.yaml");
    expect(again.code).toBe(0);
    for (const step of stepsThat(ended, "done")) expect(again.steps.get(step)).toBe("cached");
  },
);

test("Ctrl-C ends a tool that ignores TERM, and its children, within five seconds", async () => {
  using rig = new Rig();
  rig.write("tiny.yaml", tinyPipeline);
  const tools = fakeTools(
    rig,
    "llama-imatrix",
    "trap '' TERM INT HUP; (while :; do sleep 1; done) & while :; do sleep 1; done",
  );
  const running = rig.startRun("tiny.yaml", "--llama-cpp", tools);
  await running.until(stepIs("imatrix/notes/1", "started"));
  await rig.untilProcess("llama-imatrix");
  await rig.untilProcess("sleep");
  expect(rig.survivors().length).toBeGreaterThan(1);
  const asked = performance.now();
  running.kill("SIGINT");
  const ended = await running.ended;
  expect(performance.now() - asked).toBeLessThan(5000);
  expect(ended.code).toBe(130);
  expect(rig.survivors()).toEqual([]);
});

test("a second Ctrl-C does not wait for the grace", async () => {
  using rig = new Rig();
  rig.write("tiny.yaml", tinyPipeline);
  const tools = fakeTools(rig, "llama-imatrix", "trap '' TERM INT HUP; while :; do sleep 1; done");
  const running = rig.startRun("tiny.yaml", "--llama-cpp", tools);
  await running.until(stepIs("imatrix/notes/1", "started"));
  await rig.untilProcess("llama-imatrix");
  running.kill("SIGINT");
  await running.until((event) => event.type === "notice" && event.message.includes("once more"));
  const asked = performance.now();
  running.kill("SIGINT");
  const ended = await running.ended;
  // The grace is three seconds.
  expect(performance.now() - asked).toBeLessThan(2500);
  expect(ended.code).toBe(130);
  expect(rig.survivors()).toEqual([]);
});

test("Ctrl-C before the first step is an interruption, not a run without a result", async () => {
  using rig = new Rig();
  rig.write("tiny.yaml", tinyPipeline);
  const asked = rig.path("asked");
  const tools = fakeTools(rig, "llama-imatrix", 'exec "$real" "$@"', `touch ${asked}; sleep 1`);
  const running = rig.startRun("tiny.yaml", "--llama-cpp", tools);
  await rig.untilFile(asked);
  running.kill("SIGINT");
  const ended = await running.ended;
  expect(ended.code).toBe(130);
  expect(ended.result).toMatchObject({ exitCode: 130, failures: [{ reason: "interrupted" }] });
});
