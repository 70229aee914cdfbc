import { expect, test } from "vitest";
import type { Answer } from "../../src/select/answer.ts";
import { average, boundsOfMean } from "../../src/select/bounds.ts";
import { Rig, stepsThat } from "../rig/rig.ts";
import { smallPipeline } from "../rig/small.ts";

const types = "quantize: { types: [Q8_0, Q4_K_M, IQ2_XS] }";
const without = smallPipeline
  .replace("quantize: { types: [Q8_0, Q4_K_M] }", types)
  .replace("search: 2 units", "search: 16 units")
  .replace("notes/[a-n]*.txt", "notes/*.txt");
const withAblation = `${without}ablation: [none, general, domain, mixed]\n`;
const answerIn = (rig: Rig): Answer => JSON.parse(rig.read("out/small/report.json")) as Answer;

test("an ablation comes after the decision, changes nothing of it, and shares what the ladder has built", async () => {
  using rig = new Rig();
  rig.write("small.yaml", without);
  expect((await rig.run("small.yaml")).code).toBe(0);
  const before = answerIn(rig);
  rig.write("small.yaml", withAblation);
  const ended = await rig.run("small.yaml");
  expect(ended.code, ended.stdout.slice(-2000)).toBe(0);
  // The corpus is assembled anew for the spare window of the search split, which is in the manifest that `select` reads; all
  // texts that decide come out equal, and nothing is measured again.
  expect(stepsThat(ended, "done").filter((step) => !step.startsWith("ablation"))).toEqual([
    "corpus",
    "select",
    "report",
  ]);
  const { ablation, ...after } = answerIn(rig);
  expect({ choice: after.choice, candidates: after.candidates, imatrix: after.imatrix }).toEqual({
    choice: before.choice,
    candidates: before.candidates,
    imatrix: before.imatrix,
  });
  expect(ablation).toMatchObject({
    errorRate: 0.05,
    intervals: 10,
    units: 16,
    sources: { none: [], general: ["general"], domain: ["notes"], mixed: ["notes", "general"] },
    unmade: [{ matrix: "none", type: "IQ2_XS", why: "needs-matrix" }],
  });
  expect(ablation?.comparisons.map(({ type, matrix, against }) => `${type} ${matrix} ${against}`)).toEqual([
    "Q4_K_M none general",
    "Q4_K_M domain general",
    "Q4_K_M mixed general",
    "IQ2_XS domain general",
    "IQ2_XS mixed general",
  ]);

  // Computed again from the losses of the units: an interval at 1 − 5 % / (2 · 10) of one side.
  const klds = (type: string, matrix: string): readonly number[] =>
    ablation?.builds.find((build) => build.type === type && build.matrix === matrix)?.domains[0]?.losses.kld ?? [];
  const [own, other] = [klds("IQ2_XS", "mixed"), klds("IQ2_XS", "general")];
  const differences = own.map((loss, unit) => loss - (other[unit] ?? Number.NaN));
  const bounds = boundsOfMean(differences, 1 - 0.05 / 20);
  expect(ablation?.comparisons[4]?.kld.lower).toBeCloseTo(bounds.lower, 9);
  expect(ablation?.comparisons[4]?.kld.upper).toBeCloseTo(bounds.upper, 9);
  expect(average(klds("IQ2_XS", "general"))).toBeGreaterThan(average(klds("Q4_K_M", "general")));

  expect(rig.read("out/small/report.md")).toContain("## Importance matrices compared");
  expect(rig.read("out/small/report.html")).toContain("Importance matrices compared");
  const again = await rig.run("small.yaml");
  expect(stepsThat(again, "done")).toEqual([]);
  expect((await rig.exec("report", "out/small")).code).toBe(0);

  // Only the ladder decides which types are built: in this mode nothing else would have asked for IQ2_XS.
  rig.edit("small.yaml", "select: { tolerance: chat }", "select: { tolerance: chat, mode: decisive }");
  const decisive = await rig.run("small.yaml");
  expect(decisive.code, decisive.stdout.slice(-2000)).toBe(0);
  expect(answerIn(rig).ablation).toEqual(ablation);
});

test("the chosen type comes besides where the file names none, and no other", async () => {
  using rig = new Rig();
  const few = without.replace(types, "quantize: { types: [Q6_K, Q5_K_M] }");
  rig.write("small.yaml", `${few}ablation: [general, mixed]\n`);
  const ended = await rig.run("small.yaml");
  expect(ended.code, ended.stdout.slice(-2000)).toBe(0);
  const { ablation, choice } = answerIn(rig);
  expect(new Set(ablation?.builds.map(({ type }) => type))).toEqual(new Set([choice?.type]));
  const other = choice?.type === "Q6_K" ? "Q5_K_M" : "Q6_K";
  expect(ended.steps.get(`ablation/general/${other}/search`)).toBe("skipped");
  expect(ended.steps.get(`ablation/general/${other}`)).toBe("skipped");
});

test("too few search units are refused before anything runs, where they are written", async () => {
  using rig = new Rig();
  rig.write("small.yaml", `${smallPipeline}ablation: [none, mixed]\n`);
  const ended = await rig.exec("check", "small.yaml");
  expect(ended.code).toBe(2);
  expect(ended.stdout + ended.stderr).toMatch(/small\.yaml:5:\d+ .*which has 2 units; at least 16 are needed/);
});
