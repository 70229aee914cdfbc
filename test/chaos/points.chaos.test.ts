import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runPoints } from "../../src/store/points.ts";
import { ReplayTools } from "../rig/replay-tools.ts";
import { Rig } from "../rig/rig.ts";
import { smallPipeline } from "../rig/small.ts";
import { expectWhole, publishedBy, undisturbedRun, type Undisturbed } from "./oracle.ts";
import { Place } from "./place.ts";
import { draw, rounds } from "./settings.ts";

const rig = new Rig();
const tools = new ReplayTools();
const placed = (label: string): Place => new Place(rig, "small", label, ["--llama-cpp", tools.folder]);
let undisturbed: Undisturbed;

beforeAll(async () => {
  rig.write("small.yaml", smallPipeline);
  using place = placed("undisturbed");
  undisturbed = await undisturbedRun(place);
});
afterAll(() => {
  rig[Symbol.dispose]();
  tools[Symbol.dispose]();
});

/** Loaded into the program; it ends the process at the named passing of the named point. */
const hook = fileURLToPath(new URL("../rig/kill-at.ts", import.meta.url));

/** Every step passes the first ones at least once, and there are fourteen; the last two are passed once a run. */
const passings = (point: string): number => (point === "results-linked" || point === "run-ended" ? 1 : 14);

describe("a crash at each named point of the store", () => {
  const crashes = runPoints.flatMap((point) => {
    const times = Math.min(passings(point), Math.ceil(rounds / 40));
    return Array.from({ length: times }, (_, index) => {
      const nth = 1 + Math.floor(draw(`${point} ${index + 1}`) * passings(point));
      return { point, nth, label: `${point}-${index + 1}` };
    });
  });

  test.for(crashes)("$point, passing $nth", async ({ point, nth, label }) => {
    using place = placed(label);
    const env = { NODE_OPTIONS: `--import=${hook}`, PIPELINE_TEST_KILL_AT: `${point}#${nth}` };
    const killed = await place.start(env).ended;
    expect(killed.signal, `${point} was never passed: ${killed.stderr}`).toBe("SIGKILL");
    await expectWhole(place, undisturbed, publishedBy(place, killed));
  });
});
