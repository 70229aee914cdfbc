import { beforeAll, describe, expect, test } from "vitest";
import type { Rig } from "../rig/rig.ts";
import { smallPipeline } from "../rig/small.ts";
import { killedAt, timelineOf, type Manner, type Timeline } from "./moments.ts";
import { expectWhole, publishedBy, undisturbedRun, type Undisturbed } from "./oracle.ts";
import { Place } from "./place.ts";
import { draw, pick } from "./settings.ts";

/** Declares that many kills at random moments of the small pipeline. */
export const killRounds = (rig: Rig, kind: string, times: number, more: readonly string[]): void => {
  describe(`kill -9 at a random moment, ${kind}`, () => {
    const placed = (label: string): Place => new Place(rig, "small", label, more);
    let undisturbed: Undisturbed;
    let timeline: Timeline;

    beforeAll(async () => {
      rig.write("small.yaml", smallPipeline);
      using first = placed("first");
      undisturbed = await undisturbedRun(first);
      using second = placed("second");
      timeline = await timelineOf(second);
      expect(second.sums()).toEqual(undisturbed.sums);
    });

    const moments = Array.from({ length: times }, (_, index) => {
      const name = `${kind} ${index + 1}`;
      const manner: Manner = pick(`${name} manner`, ["alone", "with its tools"]);
      return { round: index + 1, fraction: draw(name), manner };
    });

    test.for(moments)("round $round: $manner, at $fraction of the run", async ({ round, fraction, manner }) => {
      using place = placed(`round-${round}`);
      const killed = await killedAt(place, timeline, fraction, manner);
      // It may have ended just before.
      expect(killed.signal ?? killed.code).toBeOneOf(["SIGKILL", 0]);
      await expectWhole(place, undisturbed, publishedBy(place, killed));
    });
  });
};
