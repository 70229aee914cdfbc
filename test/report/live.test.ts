import { describe, expect, test } from "vitest";
import type { Event, StepEvent } from "../../src/base/event.ts";
import { runId, stepId, type StepId } from "../../src/base/ids.ts";
import { makeView, type View } from "../../src/report/view.ts";
import { fakeClock, fakeOutput, type FakeOutput } from "./fake-output.ts";

const types = ["Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "IQ4_XS", "Q3_K_M", "IQ3_XXS", "IQ2_XS"];
const ids = [
  "model",
  "corpus",
  "imatrix/notes",
  "imatrix/general",
  "imatrix",
  ...types.map((type) => `quantize/${type}`),
  ...["1", "2"].flatMap((shard) => [`baseline/${shard}`, ...types.map((type) => `validate/${type}/${shard}`)]),
  "select",
  "report",
].map(stepId);

const started: Event = {
  type: "run-started",
  run: runId("r"),
  pipeline: "medical",
  store: "/cache",
  steps: ids.map((id) => ({ id, title: `Do ${id}` })),
};
const step = (id: StepId | string, status: StepEvent["status"], extra: Partial<StepEvent> = {}): StepEvent => ({
  type: "step",
  step: stepId(id),
  status,
  ...extra,
});

const begin = async (): Promise<{ output: FakeOutput; clock: ReturnType<typeof fakeClock>; view: View }> => {
  const [output, clock] = [fakeOutput({ isTTY: true }), fakeClock()];
  const view = await makeView("live", output, clock);
  view.handle(started);
  return { output, clock, view };
};

/** What stays on the terminal: listr2 ends by writing the whole tree once, after its last synchronized update. */
const lastFrame = (output: FakeOutput): string =>
  (output.text().split("\u001b[?2026l").at(-1) ?? "").replaceAll("\u001b[?25h", "");

describe("live", () => {
  test("thirty steps: groups while they run, one line a phase at the end", async () => {
    const { output, clock, view } = await begin();
    for (const id of ids) {
      view.handle(step(id, "started", { why: [{ code: "never-ran" }] }));
      clock.advance(1);
      view.handle(step(id, "done", { seconds: 1 }));
    }
    await view.end();
    expect(lastFrame(output)).toMatchInlineSnapshot(`
      "✔ Model: done in 1 s
      ✔ Corpus: done in 1 s
      ✔ Importance matrix: 3 done in 3 s
      ✔ Quantize: 8 done in 8 s
      ✔ Measure shard 1: 9 done in 9 s
      ✔ Measure shard 2: 9 done in 9 s
      ✔ Select: done in 1 s
      ✔ Report: done in 1 s
      "
    `);
    for (const write of output.writes) expect(write.split("\n").length).toBeLessThanOrEqual(24);
  });

  test("only steps that run have a row, with their progress", async () => {
    const { output, clock, view } = await begin();
    view.handle(step("quantize/Q8_0", "cached"));
    view.handle(step("quantize/Q6_K", "started", { why: [{ code: "forced" }] }));
    await output.until("Do quantize/Q6_K (--force names it)");
    const progress = {
      type: "progress",
      step: stepId("quantize/Q6_K"),
      total: 38,
      unit: "tensors",
      rate: 4,
      eta: 6.5,
    } as const;
    view.handle({ ...progress, done: 12 });
    await output.until("██████░░░░░░░░░░░░░░ 31 % · 12 of 38 tensors · 4 tensors/s · ETA 6.5 s");
    view.handle({ ...progress, done: 13 });
    clock.advance(0.3);
    view.handle({ ...progress, done: 14 });
    await output.until("14 of 38");
    expect(output.text()).not.toContain("13 of 38");
    expect(output.text()).toContain("Quantize: 1 of 8");
    expect(output.text()).not.toContain("Do quantize/Q8_0");
    view.handle({ type: "attempt", step: stepId("quantize/Q6_K"), attempt: 2, missing: "the last row" });
    await output.until("attempt 2: the last row was missing");
    await view.end();
  });

  test("a step that waits for another run has a row that says so, and none when it is found", async () => {
    const { output, view } = await begin();
    const waiting = { type: "waiting", step: stepId("quantize/Q6_K"), reason: "step" } as const;
    view.handle({ ...waiting, holder: { pid: 4711, host: "build-3", run: "r" } });
    await output.until("waiting for process 4711 on build-3 (run r), which makes it");
    view.handle({ ...waiting, over: true });
    for (const id of ids) view.handle(step(id, "cached"));
    await view.end();
    expect(lastFrame(output)).toContain("✔ Quantize: 8 cached\n✔ Measure");
  });

  test("failed, skipped and cached steps at the end of a run", async () => {
    const { output, clock, view } = await begin();
    for (const id of ids.slice(0, 5)) view.handle(step(id, "cached"));
    view.handle(step("quantize/Q8_0", "started"));
    clock.advance(2);
    view.handle(step("quantize/Q8_0", "failed", { failure: { reason: "disk-full", path: "/c\u001b[2J" } }));
    for (const id of ids.slice(6)) view.handle(step(id, "skipped", { why: [{ code: "stopped" }] }));
    view.handle({ type: "result", ok: false, exitCode: 1 });
    await view.end();
    expect(lastFrame(output)).toMatchInlineSnapshot(`
      "✔ Model: cached
      ✔ Corpus: cached
      ✔ Importance matrix: 3 cached
      ⚠ Quantize: 1 failed, 7 skipped (the run ended before its turn)
        ✖ quantize/Q8_0: the disk is full: /c\\x1b[2J
      ↓ Measure shard 1: 9 skipped (the run ended before its turn)
      ↓ Measure shard 2: 9 skipped (the run ended before its turn)
      ↓ Select: skipped (the run ended before its turn)
      ↓ Report: skipped (the run ended before its turn)
      "
    `);
  });

  test("an interruption: what runs is shown as stopped, the cursor comes back, later events are ignored", async () => {
    const signals = process.listenerCount("SIGINT");
    const { output, view } = await begin();
    view.handle(step("model", "cached"));
    view.handle(step("imatrix/notes", "started"));
    await output.until("Do imatrix/notes");
    expect(process.listenerCount("SIGINT")).toBe(signals);
    await view.end();
    await view.end();
    view.handle(step("imatrix/notes", "done"));
    expect(lastFrame(output)).toMatchInlineSnapshot(`
      "✔ Model: cached
      ⚠ Importance matrix: 0 of 3
        ✖ imatrix/notes: stopped
      "
    `);
    expect(output.text().lastIndexOf("\u001b[?25h")).toBeGreaterThan(output.text().lastIndexOf("\u001b[?25l"));
  });

  test("a cached baseline that is made again gets its row", async () => {
    const { output, view } = await begin();
    view.handle(step("baseline/1", "cached"));
    view.handle(step("baseline/1", "started", { why: [{ code: "needed-again", field: "logits" }] }));
    await output.until("Do baseline/1 (output logits is not kept and needed again)");
    view.handle(step("baseline/1", "done", { seconds: 1 }));
    for (const type of types) view.handle(step(`validate/${type}/1`, "done", { seconds: 1 }));
    await view.end();
    expect(lastFrame(output)).toContain("Measure shard 1: 9 done");
  });

  test("a run that ends before it began, or at once", async () => {
    const output = fakeOutput({ isTTY: true });
    await (await makeView("live", output, fakeClock())).end();
    expect(output.text()).toBe("");
    const { view } = await begin();
    await view.end();
  });

  test("hashing has a line of its own for as long as it takes", async () => {
    const { output, view } = await begin();
    const hashing = { type: "hashing", file: "/m/a.gguf", total: 2 ** 33, rate: 2 ** 29, eta: 14 } as const;
    view.handle({ ...hashing, done: 2 ** 30 });
    await output.until("hashing inputs: 12 %, 1.00 GiB of 8.00 GiB, 512 MiB/s, ETA 14 s (/m/a.gguf)");
    view.handle({ ...hashing, done: 2 ** 33 });
    view.handle({ ...hashing, done: 2 ** 33 });
    view.handle(step("model", "cached"));
    await view.end();
    expect(lastFrame(output)).not.toContain("hashing");
  });

  test("notices stay on the screen", async () => {
    const { output, view } = await begin();
    view.handle({ type: "notice", level: "warning", message: "no GPU was found\u001b[2J" });
    view.handle(step("model", "started"));
    await output.until("no GPU was found");
    await view.end();
    expect(output.text()).toMatch(/warning: no GPU was found\\x1b\[2J\n$/);
  });

  test("colour follows the output and not the environment", async () => {
    const { output, view } = await begin();
    view.handle(step("model", "cached"));
    await view.end();
    // oxlint-disable-next-line no-control-regex -- the codes are what is looked for
    expect(output.text()).not.toMatch(/\u001b\[[0-9;]+m/);
    const colored = fakeOutput({ isTTY: true, color: true });
    const other = await makeView("live", colored, fakeClock());
    other.handle(started);
    other.handle(step("model", "cached"));
    await other.end();
    expect(lastFrame(colored)).toBe("\u001b[36m✔\u001b[39m Model: \u001b[2mcached\u001b[22m\n");
  });

  test("a build before the run has a bar, and ends before the run is drawn", async () => {
    const output = fakeOutput({ isTTY: true });
    const view = await makeView("live", output, fakeClock());
    view.handle({ type: "build", stage: "compile", fraction: 0.5 });
    expect(output.text()).toContain("llama.cpp ████████████░░░░░░░░░░░░ 50 % · compiling");
    view.handle({ type: "notice", level: "info", message: "built for CPU" });
    view.handle({ type: "build", stage: "done", fraction: 1 });
    view.handle(started);
    view.handle(step("model", "cached"));
    await view.end();
    expect(lastFrame(output)).toContain("Model: cached");
    expect(output.text()).toContain("built for CPU\n");
    expect(output.text().lastIndexOf("\u001b[?25h")).toBeGreaterThan(output.text().lastIndexOf("\u001b[?25l"));
  });

  test("a build that fails leaves the terminal as it was", async () => {
    const output = fakeOutput({ isTTY: true });
    const view = await makeView("live", output, fakeClock());
    view.handle({ type: "build", stage: "configure", fraction: 0.1 });
    await view.end();
    for (const [off, on] of [
      ["\u001b[?25l", "\u001b[?25h"],
      ["\u001b[?7l", "\u001b[?7h"],
    ] as const)
      expect(output.text().lastIndexOf(on)).toBeGreaterThan(output.text().lastIndexOf(off));
  });
});
