import { lstatSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { ReplayTools } from "../rig/replay-tools.ts";
import { Rig, stepIs, stepsThat, type Ended } from "../rig/rig.ts";
import { smallPipeline } from "../rig/small.ts";
import { damages, type Damage } from "./damage.ts";
import { expectWhole, filesBelow, layoutOf, recordsIn, undisturbedRun, type Undisturbed } from "./oracle.ts";
import { Place } from "./place.ts";
import { pick, rounds } from "./settings.ts";

const rig = new Rig();
const tools = new ReplayTools();
const place = new Place(rig, "small", "damaged", ["--llama-cpp", tools.folder]);
let undisturbed: Undisturbed;
let whole = false;

// Repairs are cheap, so the place is shared; but what was not repaired must make one test fail and not all behind it.
beforeEach(async () => {
  rig.write("small.yaml", smallPipeline);
  if (!whole) place[Symbol.dispose]();
  if (!whole) undisturbed = await undisturbedRun(place);
  whole = false;
});
afterEach(({ task }) => {
  whole = task.result?.state !== "fail";
});
afterAll(() => {
  rig[Symbol.dispose]();
  tools[Symbol.dispose]();
});

/** Victims of each kind of damage. */
const victims = Math.max(1, Math.round(rounds / 40));

const cells = (of: string): readonly { what: string; damage: Damage; name: string }[] =>
  Object.entries(damages).flatMap(([what, damage]) =>
    Array.from({ length: victims }, (_, index) => ({ what, damage, name: `${of} ${what} ${index + 1}` })),
  );

/** A measurement that is made again needs the base logits, and these are made again for it. */
const withLogits = (steps: readonly string[]): ReadonlySet<string> =>
  new Set(steps.some((step) => /^(noise|validate)/.test(step)) ? [...steps, "baseline/1"] : steps);

const ran = (ended: Ended): ReadonlySet<string> => new Set(stepsThat(ended, "done"));

/** How often an object was put aside. */
const aside = (digest: string): number =>
  readdirSync(place.inStore("quarantine")).filter((file) => file.startsWith(digest)).length;

describe("an object", () => {
  test.for(cells("object"))("$what ($name)", async ({ damage, name }) => {
    const [digest, path] = pick(name, [...filesBelow(place.inStore("objects"))]);
    const owners = recordsIn(layoutOf(place)).filter(({ outputs }) =>
      Object.values(outputs).some((output) => output.digest === digest),
    );
    damage(path);
    const there = lstatSync(path, { throwIfNoEntry: false }) !== undefined;
    const before = aside(digest);
    const next = await expectWhole(place, undisturbed, []);
    expect(ran(next)).toEqual(withLogits(owners.map(({ step }) => step)));
    expect(aside(digest) - before).toBe(there ? 1 : 0);
  });
});

describe("a record", () => {
  test.for(cells("record"))("$what ($name)", async ({ damage, name }) => {
    const { step, key } = pick(name, recordsIn(layoutOf(place)));
    damage(layoutOf(place).action(key));
    const next = await expectWhole(place, undisturbed, []);
    const harmless = name.includes("its own bytes");
    expect(ran(next)).toEqual(withLogits(harmless ? [] : [step]));
    expect(recordsIn(layoutOf(place)).some((record) => record.key === key)).toBe(true);
  });
});

describe("what names the newest record of a step", () => {
  test.for(cells("latest"))("$what ($name)", async ({ damage, name }) => {
    const path = join(place.inStore("latest"), pick(name, readdirSync(place.inStore("latest"))));
    const before = readFileSync(path, "utf8");
    damage(path);
    expect(ran(await expectWhole(place, undisturbed, []))).toEqual(new Set());
    expect(readFileSync(path, "utf8")).toBe(before);
  });
});

/** Each machine has a memo of its own. */
const memoOf = (store: Place): string =>
  readdirSync(store.inStore(".")).find((name) => /^memo\..+\.jsonl$/.test(name)) ?? "memo";

describe("the memo", () => {
  test.for(cells("memo"))("$what ($name)", async ({ damage }) => {
    damage(place.inStore(memoOf(place)));
    expect(ran(await expectWhole(place, undisturbed, []))).toEqual(new Set());
  });
});

describe("what is remembered of a pipeline file", () => {
  test.for(cells("checked"))("$what ($name)", async ({ damage }) => {
    const path = place.inStore("checked", readdirSync(place.inStore("checked"))[0] ?? "");
    const before = readFileSync(path, "utf8");
    damage(path);
    expect(ran(await expectWhole(place, undisturbed, []))).toEqual(new Set());
    expect(readFileSync(path, "utf8")).toBe(before);
  });
});

describe("the journal of a run that had ended", () => {
  test.for(cells("journal"))("$what ($name)", async ({ damage, name }) => {
    damage(place.inStore("runs", pick(name, readdirSync(place.inStore("runs"))), "journal.jsonl"));
    expect(ran(await expectWhole(place, undisturbed, []))).toEqual(new Set());
  });
});

describe("the journal of a run that was killed", () => {
  test.for(cells("killed"))("$what ($name)", async ({ damage, name }) => {
    using own = new Place(rig, "small", name.replaceAll(/\W/g, "-"), ["--llama-cpp", tools.folder]);
    const running = own.start();
    await running.until(stepIs("imatrix/notes/1", "started"));
    running.kill("SIGKILL");
    await running.ended;
    damage(own.inStore("runs", readdirSync(own.inStore("runs"))[0] ?? "", "journal.jsonl"));
    const next = await expectWhole(own, undisturbed, ["corpus"]);
    expect(next.steps.get("corpus")).toBe("cached");
  });
});
