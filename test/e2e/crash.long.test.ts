import { existsSync, readdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import type { Event } from "../../src/base/event.ts";
import { collectionPoints } from "../../src/store/points.ts";
import { Rig, stepIs, stepsThat, type Ended } from "../rig/rig.ts";
import { tinyPipeline } from "../rig/tiny.ts";

let undisturbed: ReadonlyMap<string, string>;
let steps: readonly string[];

beforeAll(async () => {
  using rig = new Rig();
  rig.write("tiny.yaml", tinyPipeline);
  const ended = await rig.run("tiny.yaml");
  expect(ended.code, ended.stdout + ended.stderr).toBe(0);
  undisturbed = rig.sums("tiny");
  steps = [...ended.steps.keys()];
});

/** What must hold after a run that was killed: the same command completes it, and nothing was lost or done twice. */
const expectRecovered = async (rig: Rig, killed: Ended): Promise<void> => {
  const again = await rig.run("tiny.yaml");
  expect(again.code, again.stdout + again.stderr).toBe(0);
  for (const step of stepsThat(killed, "done")) expect(again.steps.get(step), step).toBe("cached");
  expect(rig.sums("tiny")).toEqual(undisturbed);
  expect(rig.survivors()).toEqual([]);
  expect(readdirSync(rig.path("store/store-v1/scratch"))).toEqual([]);
  const third = await rig.run("tiny.yaml");
  expect(stepsThat(third, "cached")).toHaveLength(steps.length);
};

describe("kill -9 of the orchestrator", () => {
  const moments: readonly [string, (event: Event) => boolean][] = [
    ["the corpus begins", stepIs("corpus", "started")],
    ["the imatrix tool is at work", (event) => event.type === "progress" && event.step === "imatrix/notes/1"],
    ["a quant is begun", stepIs("quantize/Q4_K_M", "started")],
    ["the base logits are written", (event) => event.type === "progress" && event.step === "baseline/1"],
    ["a candidate is measured", (event) => event.type === "progress" && event.step === "validate/Q4_K_M/1"],
  ];

  test.for(moments)("when %s loses at most that step", async ([, moment]) => {
    using rig = new Rig();
    rig.write("tiny.yaml", tinyPipeline);
    const running = rig.startRun("tiny.yaml");
    await running.until(moment);
    running.kill("SIGKILL");
    const killed = await running.ended;
    expect(killed.signal).toBe("SIGKILL");
    expect(existsSync(rig.path("out/tiny/report.json"))).toBe(false);
    await expectRecovered(rig, killed);
  });
});

describe("a crash at each named point of a collection", () => {
  const hook = fileURLToPath(new URL("../rig/kill-at.ts", import.meta.url));

  /** Leaves actions that no later run needs. */
  const runAnother = async (rig: Rig): Promise<void> => {
    rig.write("tiny.yaml", tinyPipeline.replace("seed: 3", "seed: 4").replace("[Q8_0, Q4_K_M]", "[Q8_0]"));
    expect((await rig.run("tiny.yaml")).code).toBe(0);
    // What was decided in between belongs to another holdout, and must not be in the report of this one.
    rmSync(rig.path("tiny.holdout.jsonl"));
  };

  test.for(collectionPoints)("%s: the same command completes the run", async (point) => {
    using rig = new Rig();
    await runAnother(rig);
    rig.write("tiny.yaml", tinyPipeline);
    const argv = ["run", "tiny.yaml", "--json", "--out", rig.out, "--cache", rig.store];
    const killed = await rig.start(argv, {
      NODE_OPTIONS: `--import=${hook}`,
      PIPELINE_TEST_KILL_AT: `${point}#1`,
      PIPELINE_CACHE_MAX: "0B",
    }).ended;
    expect(killed.signal, `${point} was never passed`).toBe("SIGKILL");
    await expectRecovered(rig, killed);
  });
});
