import { expect, test } from "vitest";
import { Rig, stepsThat, type Running } from "../rig/rig.ts";
import { smallPipeline } from "../rig/small.ts";

/** Three ranges of each source. */
const pipeline = smallPipeline
  .replace("chunks: 4, context: 128", "chunks: 48, context: 128")
  .replaceAll(/files: "([^"[]*)\[[^"]*"/g, 'files: "$1*.txt"');
const kills = 20;

/** Resolves when the tool has gone through so many windows in this run; rejects when the run ends before. */
const windowsDone = async (running: Running, windows: number): Promise<void> => {
  let seen = 0;
  await running.until((event) => {
    if (event.type === "progress" && event.step.startsWith("imatrix/")) seen += 1;
    return seen >= windows;
  });
};

test("twenty kills while the matrix is collected cost at most a range each, and it comes out as undisturbed", async () => {
  using calm = new Rig();
  calm.write("small.yaml", pipeline);
  const undisturbed = await calm.run("small.yaml");
  expect(undisturbed.result, undisturbed.stdout.slice(-3000)).toHaveProperty("choice");
  expect(undisturbed.steps.get("imatrix/notes/3")).toBe("done");

  using rig = new Rig();
  rig.write("small.yaml", pipeline);
  const finished = new Set<string>();
  let killed = 0;
  for (let round = 0; round < kills; round += 1) {
    const running = rig.startRun("small.yaml");
    // Every fifth is killed in the range behind the one that it began with.
    await windowsDone(running, round % 5 === 4 ? 17 : 1 + ((round * 7) % 15));
    running.kill("SIGKILL");
    const ended = await running.ended;
    killed += ended.signal === "SIGKILL" ? 1 : 0;
    for (const step of finished) expect(ended.steps.get(step), step).toBe("cached");
    for (const step of stepsThat(ended, "done")) finished.add(step);
  }
  expect(killed).toBe(kills);
  const last = await rig.run("small.yaml");
  for (const step of finished) expect(last.steps.get(step), step).toBe("cached");
  expect(rig.sums("small")).toEqual(calm.sums("small"));
});
