import { fileURLToPath } from "node:url";
import tQuantile from "@stdlib/stats-base-dists-t-quantile";
import { expect, test } from "vitest";
import { choose } from "../../src/select/choose.ts";
import { hallT, momentsOf } from "../../src/select/hall.ts";
import { lookRules } from "../../src/select/level.ts";
import { limitsOf } from "../../src/select/limits.ts";
import { measures, type DomainLimits, type Losses, type Rules } from "../../src/select/verdict.ts";
import { seededRandom } from "../sim/random.ts";
import { readRecording } from "../sim/recorded.ts";
import { measureWanted, unitsOf, type Whole } from "./measured.ts";

/** The demo model on 128 units of medical text, every candidate in full: `select.mode: full`. */
const recorded = readRecording(fileURLToPath(new URL("../sim/recorded.json", import.meta.url))).candidates;
const domain = "medical";
const units = 128;
const alpha = 0.05;
const seeds = Array.from({ length: 20 }, (_, index) => index + 1);

const ofDomain = ({ losses }: (typeof recorded)[number]): Losses => losses[domain]!;

/** The same units in another order. */
const shuffled = (seed: number): Whole => {
  const { uniform } = seededRandom(seed);
  const order = Array.from({ length: units }, (_, index) => [uniform(), index] as const).sort(([a], [b]) => a - b);
  const inOrder = (values: readonly number[]): number[] => order.map(([, index]) => values[index]!);
  return new Map(
    recorded.map((each) => {
      const { lnPplRatio, kld, topLoss } = ofDomain(each);
      const losses = { lnPplRatio: inOrder(lnPplRatio), kld: inOrder(kld), topLoss: inOrder(topLoss) };
      return [each.type, { [domain]: losses }];
    }),
  );
};

const rulesOf = (limits: DomainLimits): Rules => ({ looks: lookRules(units, alpha), domains: [limits], noise: {} });

/** One look at the end, at the whole error rate: what measuring everything chooses. */
const chosenFromAll = (limits: DomainLimits): string | null => {
  const critical = tQuantile(1 - alpha, units - 1);
  const passes = (losses: Losses): boolean =>
    measures.every((measure) => {
      const limit = limits[measure];
      return limit === null || -hallT(momentsOf(losses[measure]), limit) > critical;
    });
  const refused = recorded.findIndex((each) => !passes(ofDomain(each)));
  return recorded[(refused === -1 ? recorded.length : refused) - 1]?.type ?? null;
};

test.each([0.05, 0.03, 0.015, 0.01])(
  "at a tolerance of %d, stopping early chooses what measuring everything chooses, from less than 0.4 of the text",
  (ppl) => {
    const limits = limitsOf({ domain, ppl, pplDelta: null, kld: 2 * ppl, sameTop: null }, 100);
    const rules = rulesOf(limits);
    const sizes = recorded.map(({ type, bytes }) => ({ type, bytes }));
    const all = chosenFromAll(limits);
    let measured = 0;
    const choices = seeds.map((seed) => {
      const losses = measureWanted("ladder", rules, shuffled(seed));
      measured += unitsOf(losses);
      const evidence = sizes.map((size) => ({ ...size, bpw: null, losses: losses.get(size.type) ?? {} }));
      const base = { [domain]: Array.from({ length: units }, () => 4) };
      return choose({ evidence, pruned: [], base, rules, alpha, scored: 255 }).choice;
    });
    const place = (type: string | null): number => sizes.findIndex((size) => size.type === type);
    expect(choices.filter((choice) => choice === all).length).toBeGreaterThanOrEqual(0.95 * seeds.length);
    expect(choices.filter((choice) => place(choice) > place(all))).toEqual([]);
    expect(measured / (seeds.length * sizes.length * units)).toBeLessThan(0.4);
  },
);
