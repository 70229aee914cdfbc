import { expect, test } from "vitest";
import { answerOf, close, q4, q8 } from "../report/answers.ts";
import { Rig } from "../rig/rig.ts";
import { tinyPipeline } from "../rig/tiny.ts";

const report = JSON.stringify(answerOf([q8, q4, close]));

test("the only report is found, and the pipeline file finds its own", async () => {
  using rig = new Rig();
  rig.write("tiny.yaml", tinyPipeline);
  rig.write("out/tiny/report.json", report);
  const alone = await rig.exec("explain", "Q4_K_M");
  expect(alone.code, alone.stderr).toBe(0);
  expect(alone.stdout).toMatch(/^Q4_K_M .* ✓ PASS, chosen/);
  expect((await rig.exec("explain", "Q4_K_M", "tiny.yaml")).stdout).toBe(alone.stdout);
  const elsewhere = await rig.exec("explain", "Q4_K_M", "--out", rig.path("out"));
  expect(elsewhere.stdout).toBe(alone.stdout);
});

test("--json gives one object, for a mistake too", async () => {
  using rig = new Rig();
  rig.write("out/medical/report.json", report);
  const good = await rig.exec("explain", "IQ3_XXS", "--json");
  expect(good.code).toBe(0);
  expect(JSON.parse(good.stdout)).toMatchObject({ type: "IQ3_XXS", verdict: "UNDECIDED", exploratory: false });
  const bad = await rig.exec("explain", "IQ3", "--json");
  expect(bad.code).toBe(2);
  expect(JSON.parse(bad.stdout)).toMatchObject({ ok: false, exitCode: 2, failures: [{ reason: "unusable-argument" }] });
});

test("what is no candidate: the nearest one, and which there are", async () => {
  using rig = new Rig();
  rig.write("out/medical/report.json", report);
  for (const what of ["Q4_KM", "q4_k_m"]) {
    const ended = await rig.exec("explain", what);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(`${what} is no candidate of medical, did you mean Q4_K_M?`);
    expect(ended.stderr).toContain("Candidates can be explained, here Q8_0, Q4_K_M, IQ3_XXS");
  }
  const ended = await rig.exec("explain", "corpsu");
  expect(ended.stderr).toContain("corpsu is no candidate of medical. Candidates can be explained");
});

test("a step: before anything ran, without a file, of a glob, and of a word that is none", async () => {
  using rig = new Rig();
  rig.write("tiny.yaml", tinyPipeline);
  const { code, stdout } = await rig.exec("explain", "quantize/Q4_K_M", "tiny.yaml", "--cache", rig.store, "--json");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    pipeline: "tiny",
    step: "quantize/Q4_K_M",
    title: "Quantize to Q4_K_M",
    status: "run",
    why: [{ code: "never-ran" }],
    action: null,
  });
  const nameless = await rig.exec("explain", "corpus");
  expect(nameless.code).toBe(2);
  expect(nameless.stderr).toContain("name the pipeline file: pipeline explain corpus FILE");
  for (const what of ["quantize/*", "quantize/Q8"]) {
    const unknown = await rig.exec("explain", what, "tiny.yaml", "--cache", rig.store);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain(
      `${what} is no step of tiny, did you mean quantize/Q8_0? Its steps are model, corpus`,
    );
  }
});

test("no report, more than one, and none of this pipeline", async () => {
  using rig = new Rig();
  rig.write("tiny.yaml", tinyPipeline);
  const none = await rig.exec("explain", "Q4_K_M");
  expect(none.code).toBe(2);
  expect(none.stderr).toContain("no run has left a report.json in a folder of out; run first: pipeline run FILE");
  rig.write("out/a/report.json", report);
  rig.write("out/b/report.json", report);
  const many = await rig.exec("explain", "Q4_K_M");
  expect(many.code).toBe(2);
  expect(many.stderr).toContain("name the pipeline file after the candidate: out/a/report.json, out/b/report.json");
  const own = await rig.exec("explain", "Q4_K_M", "tiny.yaml");
  expect(own.code).toBe(2);
  expect(own.stderr).toContain("there is no out/tiny/report.json yet; run first: pipeline run tiny.yaml");
  expect((await rig.exec("explain", "Q4_K_M", "nowhere.yaml")).code).toBe(2);
  expect((await rig.exec("explain")).code).toBe(2);
});

test("a report that is cut, empty, of another version or of another shape is told from a bug", async () => {
  using rig = new Rig();
  const answer = answerOf([q8]);
  const bent = { ...answer, candidates: [{ ...answer.candidates[0], domains: [{ domain: "medical", gates: [] }] }] };
  const old = JSON.stringify({ ...answer, schemaVersion: 2 });
  for (const text of ["", "null", "[]", report.slice(0, 500), old, JSON.stringify(bent)]) {
    rig.write("out/tiny/report.json", text);
    const ended = await rig.exec("explain", "Q8_0");
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain("out/tiny/report.json is no report of this version");
    expect(ended.stderr).toContain("run again: pipeline run FILE");
  }
});
