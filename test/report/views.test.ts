import { describe, expect, test } from "vitest";
import type { Event, StepEvent } from "../../src/base/event.ts";
import { runId, stepId } from "../../src/base/ids.ts";
import { makeView } from "../../src/report/view.ts";
import { fakeClock, fakeOutput } from "./fake-output.ts";

const [corpus, quantize] = [stepId("corpus"), stepId("quantize/Q4_K_M")];
const step = (id: StepEvent["step"], status: StepEvent["status"], extra: Partial<StepEvent> = {}): StepEvent => ({
  type: "step",
  step: id,
  status,
  ...extra,
});

const started: Event = {
  type: "run-started",
  run: runId("2026-01-01T12-03-44"),
  pipeline: "medical",
  store: "/cache",
  steps: [
    { id: corpus, title: "Assemble the corpus" },
    { id: quantize, title: "Quantize to Q4_K_M" },
  ],
};
const digests = { from: "0123456789abcdef".repeat(4), to: "fedcba9876543210".repeat(4) };
const progress: Event = { type: "progress", step: quantize, done: 12, total: 38, unit: "tensors", rate: 0.1, eta: 260 };

const hashing: Event = { type: "hashing", file: "/m/a.gguf", done: 2 ** 30, total: 2 ** 33, rate: 2 ** 29, eta: 14 };

describe("plain", () => {
  test("one line a minute on hashing, from the first word to the last", async () => {
    const [output, clock] = [fakeOutput(), fakeClock()];
    const view = await makeView("plain", output, clock);
    for (let second = 0; second < 61; second += 1) {
      view.handle(hashing);
      clock.advance(1);
    }
    view.handle({ ...hashing, done: 2 ** 33, eta: 0 });
    await view.end();
    expect(output.text()).toMatchInlineSnapshot(`
      "[12:03:44] hashing inputs: 12 %, 1.00 GiB of 8.00 GiB, 512 MiB/s, ETA 14 s (/m/a.gguf)
      [12:04:44] hashing inputs: 12 %, 1.00 GiB of 8.00 GiB, 512 MiB/s, ETA 14 s (/m/a.gguf)
      [12:04:45] hashing inputs: 100 %, 8.00 GiB of 8.00 GiB, 512 MiB/s (/m/a.gguf)
      "
    `);
  });

  test("one line for each change, and one a minute for what runs", async () => {
    const [output, clock] = [fakeOutput(), fakeClock()];
    const view = await makeView("plain", output, clock);
    view.handle(started);
    view.handle(step(corpus, "cached"));
    view.handle(step(quantize, "started", { why: [{ code: "input", field: "model.gguf", ...digests }] }));
    clock.advance(61);
    view.handle(progress);
    clock.advance(59);
    view.handle({ type: "attempt", step: quantize, attempt: 2, missing: "the end of the log" });
    view.handle({ type: "notice", level: "warning", message: "the disk is slow" });
    view.handle(step(quantize, "done", { seconds: 0.5 }));
    clock.advance(120);
    view.handle(step(corpus, "started", { why: [{ code: "forced" }] }));
    view.handle(step(corpus, "failed", { failure: { reason: "disk-full", path: "/cache" } }));
    view.handle(step(quantize, "skipped", { why: [{ code: "upstream-failed", field: "corpus" }] }));
    view.handle({ type: "result", ok: false, exitCode: 1 });
    await view.end();
    expect(output.text()).toMatchInlineSnapshot(`
      "[12:03:44] medical: 2 steps, run 2026-01-01T12-03-44, store /cache
      [12:03:44] corpus cached
      [12:03:44] quantize/Q4_K_M started (input model.gguf changed 0123456789ab → fedcba987654)
      [12:04:44] quantize/Q4_K_M running for 1 m
      [12:05:44] quantize/Q4_K_M 31 %, 12 of 38 tensors, 0.1 tensors/s, ETA 4 m 20 s, running for 2 m
      [12:05:44] quantize/Q4_K_M attempt 2: the end of the log was missing
      [12:05:44] warning: the disk is slow
      [12:05:44] quantize/Q4_K_M done in 0.5 s
      [12:07:44] corpus started (--force names it)
      [12:07:44] corpus failed: the disk is full: /cache
      [12:07:44] quantize/Q4_K_M skipped (corpus did not succeed)
      "
    `);
  });

  test("who is waited for, now and once a minute, before a step starts and while it runs", async () => {
    const [output, clock] = [fakeOutput(), fakeClock()];
    const view = await makeView("plain", output, clock);
    const holder = { pid: 4711, host: "build-3", run: "r\u001b[2J" };
    view.handle({ type: "waiting", step: quantize, reason: "step", holder });
    clock.advance(120);
    view.handle({ type: "waiting", step: quantize, reason: "step", over: true });
    view.handle(step(quantize, "cached"));
    view.handle(step(corpus, "started"));
    view.handle({ type: "waiting", step: corpus, reason: "threads" });
    clock.advance(60);
    view.handle({ type: "waiting", step: corpus, reason: "threads", over: true });
    clock.advance(60);
    view.handle({ type: "waiting", step: corpus, reason: "gpu", holder: { ...holder, run: "" } });
    await view.end();
    expect(clock.timers()).toBe(0);
    expect(output.text()).toMatchInlineSnapshot(`
      "[12:03:44] quantize/Q4_K_M waiting for process 4711 on build-3 (run r\\x1b[2J), which makes it
      [12:04:44] quantize/Q4_K_M waiting for process 4711 on build-3 (run r\\x1b[2J), which makes it, for 1 m
      [12:05:44] quantize/Q4_K_M waiting for process 4711 on build-3 (run r\\x1b[2J), which makes it, for 2 m
      [12:05:44] quantize/Q4_K_M cached
      [12:05:44] corpus started
      [12:05:44] corpus waiting for another process, which uses the processor
      [12:06:44] corpus waiting for another process, which uses the processor, for 1 m
      [12:07:44] corpus running for 2 m
      [12:07:44] corpus waiting for process 4711 on build-3, which uses the GPU
      "
    `);
  });

  test("stops its timers at every end", async () => {
    const [output, clock] = [fakeOutput(), fakeClock()];
    const view = await makeView("plain", output, clock);
    view.handle(step(quantize, "started"));
    expect(clock.timers()).toBe(1);
    view.handle(step(quantize, "done"));
    expect(clock.timers()).toBe(0);
    view.handle(step(corpus, "started"));
    await view.end();
    expect(clock.timers()).toBe(0);
  });

  test("the build in lines: one for each stage and one a minute", async () => {
    const [output, clock] = [fakeOutput(), fakeClock()];
    const view = await makeView("plain", output, clock);
    for (const [stage, fraction] of [
      ["fetch", 0],
      ["compile", 0.2],
      ["compile", 0.3],
    ] as const)
      view.handle({ type: "build", stage, fraction });
    clock.advance(60);
    view.handle({ type: "build", stage: "compile", fraction: 0.6 });
    view.handle({ type: "build", stage: "done", fraction: 1 });
    expect(output.text()).toMatchInlineSnapshot(`
      "[12:03:44] llama.cpp: fetching the sources (0 %)
      [12:03:44] llama.cpp: compiling (20 %)
      [12:04:44] llama.cpp: compiling (60 %)
      [12:04:44] llama.cpp: built
      "
    `);
  });

  test("names cannot start a line of their own", async () => {
    const output = fakeOutput();
    (await makeView("plain", output, fakeClock())).handle({
      type: "notice",
      level: "info",
      message: "a\n[00:00:00] b\u001b[2J",
    });
    expect(output.text().split("\n")).toHaveLength(2);
    expect(output.text()).not.toContain("\u001b");
  });
});

describe("json", () => {
  test("exactly the events, one a line", async () => {
    const output = fakeOutput();
    const view = await makeView("json", output);
    const events: Event[] = [started, step(quantize, "started", { why: [{ code: "forced" }] }), progress];
    for (const event of events) view.handle(event);
    view.handle({ type: "notice", level: "info", message: "two\nlines" });
    await view.end();
    const lines = output.text().split("\n");
    expect(lines.pop()).toBe("");
    expect(lines.map((line) => JSON.parse(line) as Event)).toEqual([
      ...events,
      { type: "notice", level: "info", message: "two\nlines" },
    ]);
  });
});

test("silent says nothing", async () => {
  const output = fakeOutput();
  const view = await makeView("silent", output);
  view.handle(started);
  await view.end();
  expect(output.text()).toBe("");
});
