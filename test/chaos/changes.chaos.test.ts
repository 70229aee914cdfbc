import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toolNames } from "../../src/base/tool.ts";
import { ReplayTools } from "../rig/replay-tools.ts";
import { Rig, stepsThat } from "../rig/rig.ts";
import { smallPipeline } from "../rig/small.ts";
import { changes } from "./changes.ts";
import { undisturbedRun, type Undisturbed } from "./oracle.ts";
import { Place } from "./place.ts";

const rig = new Rig();
const tools = new ReplayTools();
const place = new Place(rig, "small", "changed", ["--llama-cpp", tools.folder]);
const scripts = new Map(toolNames.map((tool) => [tool, readFileSync(join(tools.folder, tool))]));
let undisturbed: Undisturbed;

/** Decisions that were taken on the same text for another row are an input as well. */
const resetInputs = (): void => {
  rig.restore();
  rig.write("small.yaml", smallPipeline);
  rmSync(join(tools.folder, "devices"), { force: true });
  for (const [tool, script] of scripts) writeFileSync(join(tools.folder, tool), script);
  place.forgetDecisions();
};

beforeAll(async () => {
  rig.write("small.yaml", smallPipeline);
  undisturbed = await undisturbedRun(place);
});
afterAll(() => {
  rig[Symbol.dispose]();
  tools[Symbol.dispose]();
});

describe("of one thing that changed, exactly these steps run", () => {
  test.for(changes)("$what", async ({ make, runs }) => {
    resetInputs();
    make(rig, tools.folder);
    const ended = await place.run();
    expect(ended.result, ended.stdout.slice(-3000) + ended.stderr).toHaveProperty("choice");
    expect(ended.result).not.toHaveProperty("failures");
    expect(stepsThat(ended, "done").sort()).toEqual([...runs].sort());
  });

  test("and none when everything is as it was", async () => {
    resetInputs();
    const ended = await place.run();
    expect(stepsThat(ended, "cached").sort()).toEqual([...undisturbed.steps].sort());
    expect(place.sums()).toEqual(undisturbed.sums);
  });
});
