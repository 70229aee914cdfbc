import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { baselineArgv, baselineParser } from "../../src/llama/perplexity.ts";
import type { Answer, ReportedCandidate } from "../../src/select/answer.ts";
import { average } from "../../src/select/bounds.ts";
import { Rig, stepsThat } from "../rig/rig.ts";
import { tinyPipeline } from "../rig/tiny.ts";
import { realTools } from "../rig/tools.ts";

const answer = (rig: Rig): Answer => JSON.parse(rig.read("out/tiny/report.json")) as Answer;
const candidate = (rig: Rig, type: string): ReportedCandidate =>
  answer(rig).candidates.find((each) => each.type === type)!;
const verdicts = (rig: Rig): string[] => answer(rig).candidates.map(({ type, verdict }) => `${type} ${verdict}`);
const ledger = (rig: Rig): string[] => rig.read("tiny.holdout.jsonl").trimEnd().split("\n");

test("a holdout is spent once: another tolerance on it is exploratory, unless it was planned", async () => {
  using rig = new Rig();
  rig.write("tiny.yaml", tinyPipeline);
  expect((await rig.run("tiny.yaml")).code).toBe(0);
  expect(answer(rig).decision.ledger).toEqual({ exploratory: false, earlier: [], spent: 0 });
  const [first = ""] = ledger(rig);
  expect(JSON.parse(first)).toMatchObject({ schema: 1, pipeline: "tiny", alpha: 0.05, choice: "Q4_K_M" });
  expect((JSON.parse(first) as { units: string[] }).units).toHaveLength(16);

  // The same decision again is no other one: nothing runs, and the ledger is as before.
  expect((await rig.run("tiny.yaml")).result).toMatchObject({ executed: 0 });
  expect(ledger(rig)).toEqual([first]);

  rig.edit("tiny.yaml", "tolerance: chat", "tolerance: drafting");
  const rerun = await rig.run("tiny.yaml");
  expect(rerun.code).toBe(0);
  expect(rerun.result).toMatchObject({ exploratory: true });
  expect(stepsThat(rerun, "done")).toEqual(["select", "report"]);
  expect(answer(rig).decision.ledger).toMatchObject({
    exploratory: true,
    spent: 0.05,
    earlier: [{ pipeline: "tiny" }],
  });
  expect(rig.read("out/tiny/report.md").split("\n")[0]).toContain("EXPLORATORY");
  expect((await rig.exec("run", "tiny.yaml", "--out", rig.out, "--cache", rig.store)).stdout).toContain("EXPLORATORY");
  expect(ledger(rig)).toHaveLength(2);

  // Taking the first one again is still not exploratory: it came before the other.
  rig.edit("tiny.yaml", "tolerance: drafting", "tolerance: chat");
  expect((await rig.run("tiny.yaml")).result).toMatchObject({ executed: 0 });
  expect(answer(rig).decision.ledger.exploratory).toBe(false);

  // Another model knows nothing of this text.
  const model = rig.path("models/pocket-f16.gguf");
  const bytes = readFileSync(model);
  bytes.write("Rocket", bytes.indexOf("Pocket"));
  writeFileSync(model, bytes);
  expect((await rig.run("tiny.yaml")).code).toBe(0);
  expect(answer(rig).decision.ledger).toEqual({ exploratory: false, earlier: [], spent: 0 });
});

test("planned reruns divide the error rate, and one more than planned is exploratory", async () => {
  using rig = new Rig();
  const planned = (tolerance: string): string =>
    tinyPipeline.replace("{ tolerance: chat }", `{ tolerance: ${tolerance}, planned-reruns: 1 }`);
  const told: [number, boolean][] = [];
  for (const tolerance of ["chat", "drafting", "finetune-base"]) {
    rig.write("tiny.yaml", planned(tolerance));
    expect((await rig.run("tiny.yaml")).code).toBe(0);
    const { alpha, ledger: state } = answer(rig).decision;
    told.push([alpha, state.exploratory]);
  }
  expect(told).toEqual([
    [0.025, false],
    [0.025, false],
    [0.025, true],
  ]);
});

test("a ledger with a damaged line is used as far as it can be read, and the line is named", async () => {
  using rig = new Rig();
  rig.write("tiny.yaml", tinyPipeline);
  rig.write("tiny.holdout.jsonl", "<<<<<<< ours\n");
  const ended = await rig.run("tiny.yaml");
  expect(ended.code).toBe(0);
  expect(ended.stdout).toMatch(/tiny\.holdout\.jsonl: line 1 is no entry/);
  expect(ledger(rig)[0]).toBe("<<<<<<< ours");
  expect(ledger(rig)).toHaveLength(2);
});

test("perplexity passes and the KL divergence refuses: both numbers are told", async () => {
  using rig = new Rig();
  const loose = tinyPipeline
    .replace("types: [Q8_0, Q4_K_M]", "types: [Q8_0, IQ3_XXS]")
    .replace("tolerance: chat", "tolerance: { ppl: 20%, kld: 0.03 }");
  rig.write("tiny.yaml", loose);
  expect((await rig.run("tiny.yaml")).code).toBe(0);
  const refused = candidate(rig, "IQ3_XXS");
  expect(refused.verdict).toBe("FAIL");
  expect(refused.domains[0]!.gates.map(({ measure, verdict }) => `${measure} ${verdict}`)).toEqual([
    "lnPplRatio PASS",
    "kld FAIL",
  ]);
  expect(answer(rig)).toMatchObject({ choice: { type: "Q8_0" }, refused: "IQ3_XXS" });
  expect(rig.read("out/tiny/report.md")).toMatch(/perplexity passed \(at most [\d.]+ %, limit 20 %\)/);
  expect(rig.read("out/tiny/report.md")).toMatch(/mean KLD[^.]*0\.0\d+/);
});

test("every gated domain must pass, and the one that does not is named", async () => {
  using rig = new Rig();
  const two = tinyPipeline
    .replace("general/everyday/*.txt", "general/*/*.txt")
    .replace("domain: medical, units: 16", "units: 16")
    .replace("tolerance: chat", "tolerance: { medical: { ppl: 20%, kld: 0.4 }, general: { ppl: 20%, kld: 0.002 } }");
  rig.write("tiny.yaml", two);
  expect((await rig.run("tiny.yaml")).code).toBe(0);
  const { domains, verdict } = candidate(rig, "Q4_K_M");
  expect(verdict).toBe("FAIL");
  expect(domains.map(({ domain, units }) => `${domain} ${units}`)).toEqual(["medical 16", "general 16"]);
  expect(domains[0]!.gates.map((gate) => gate.verdict)).toEqual(["PASS", "PASS"]);
  expect(domains[1]!.gates.map((gate) => gate.verdict)).toEqual(["PASS", "FAIL"]);
  expect(answer(rig)).toMatchObject({ choice: { type: "Q8_0" }, refused: "Q4_K_M" });
  expect(rig.read("out/tiny/report.md")).toMatch(/Q4_K_M.*was refused: on general text/s);
  const shards = answer(rig).holdout.shards.map(({ domain, units }) => `${domain} ${units}`);
  expect(shards).toEqual(["medical 16", "general 16"]);
});

test("in decisive mode nothing below the first refusal is built or measured", async () => {
  using rig = new Rig();
  const decisive = tinyPipeline
    .replace("types: [Q8_0, Q4_K_M]", "types: [IQ2_XS, Q8_0, IQ3_XXS]")
    .replace("tolerance: chat", "mode: decisive, tolerance: { ppl: 20%, kld: 0.02 }");
  rig.write("tiny.yaml", decisive);
  const ended = await rig.run("tiny.yaml");
  expect(ended.code).toBe(0);
  expect(verdicts(rig)).toEqual(["Q8_0 PASS", "IQ3_XXS FAIL", "IQ2_XS NOT_TESTED"]);
  expect(candidate(rig, "IQ2_XS")).toMatchObject({ sha256: null, bpw: null, domains: [] });
  expect(ended.steps.get("quantize/IQ2_XS")).toBe("skipped");
  expect(ended.steps.get("validate/IQ2_XS/1")).toBe("skipped");
  expect((await rig.run("tiny.yaml")).result).toMatchObject({ executed: 0 });
  const plan = await rig.exec("plan", "tiny.yaml", "--json", "--cache", rig.store);
  const { steps } = JSON.parse(plan.stdout) as { steps: { step: string; status: string }[] };
  expect(steps.filter(({ status }) => status === "run" || status === "if")).toEqual([]);
  expect(steps.find(({ step }) => step === "quantize/IQ2_XS")?.status).toBe("skip");
});

test("the full-precision model loses nothing against itself, and a dominated type is left out and named", async () => {
  using rig = new Rig();
  rig.write("tiny.yaml", tinyPipeline.replace("types: [Q8_0, Q4_K_M]", "types: [F16, Q5_1, Q5_K_M]"));
  const ended = await rig.run("tiny.yaml");
  expect(ended.code).toBe(0);
  const { noise } = answer(rig).holdout.domains[0]!;
  expect(noise.lnPplRatio).toBeLessThan(1e-5);
  const itself = candidate(rig, "F16");
  expect(itself.verdict).toBe("PASS");
  expect(Math.abs(itself.domains[0]!.gates[0]!.mean)).toBeLessThan(1e-5);
  expect(itself.domains[0]!.gates.map(({ look }) => look)).toEqual([16, 16]);
  expect(candidate(rig, "Q5_1")).toMatchObject({ verdict: "NOT_TESTED", prunedBy: { type: "Q5_K_M" } });
  expect(rig.read("out/tiny/report.md")).toContain("Q5_K_M");
  expect(existsSync(rig.path("out/tiny/logs/quantize+Q5_1.log"))).toBe(false);

  // The same quant made again has the same bytes.
  const before = candidate(rig, "Q5_K_M").sha256;
  expect(stepsThat(await rig.run("tiny.yaml", "--force", "quantize/Q5_K_M"), "done")).toContain("quantize/Q5_K_M");
  expect(candidate(rig, "Q5_K_M").sha256).toBe(before);

  // And the shape of the batch moves a mean by less than a fifth of the tightest preset.
  const [narrow, wide] = ["512", "2048"].map((batch) => baseNll(rig, batch));
  expect(Math.abs(narrow! - wide!)).toBeLessThan(Math.log1p(0.003) / 5);
});

/** Mean NLL of the first shard with another batch than the pipeline's. */
const baseNll = (rig: Rig, batch: string): number => {
  const argv = baselineArgv({
    model: rig.path("models/pocket-f16.gguf"),
    text: rig.path("out/tiny/corpus/holdout-1.txt"),
    logits: rig.path("logits"),
    chunks: 17,
    context: 512,
    cache: "f16",
    threads: 2,
    gpuLayers: 0,
    jsonLog: false,
  });
  argv[argv.indexOf("-b") + 1] = batch;
  const parser = baselineParser();
  parser.push(execFileSync(join(realTools(), "llama-perplexity"), argv, { encoding: "utf8", stdio: "pipe" }), "stdout");
  const { chunks } = parser.run();
  expect(chunks.length).toBeGreaterThanOrEqual(16);
  return average(chunks.slice(0, 16).map(({ nll }) => nll));
};

test("a limit below the noise of the measurement ends undecided, with that reason", async () => {
  using rig = new Rig();
  // What F16 differs from itself by is the sixteen bits of its own logits file: the smallest bound there is.
  rig.write("tiny.yaml", tinyPipeline.replace("tolerance: chat", "tolerance: { ppl: 1%, kld: 0.0001 }"));
  const ended = await rig.run("tiny.yaml");
  const { noise } = answer(rig).holdout.domains[0]!;
  const kld = candidate(rig, "Q8_0").domains[0]!.gates.find(({ measure }) => measure === "kld")!;
  expect(kld.noisy).toBe(noise.kld >= 0.0001);
  expect(kld.verdict).not.toBe("PASS");
  expect(ended.code).toBe(3);
});

test("base logits that would take more disk than is allowed are refused before anything runs", async () => {
  using rig = new Rig();
  rig.write("tiny.yaml", tinyPipeline.replace("units: 16,", "units: 16, logits-disk: 2MiB,"));
  for (const command of ["plan", "run"]) {
    const ended = await rig.exec(
      command,
      "tiny.yaml",
      "--cache",
      rig.store,
      ...(command === "run" ? ["--out", rig.out] : []),
    );
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/base logits would take [\d.]+ MiB, and `validate.logits-disk` allows 2(\.\d+)? MiB/);
  }
  expect(existsSync(rig.path("out/tiny"))).toBe(false);
});

test("killed after a shard, a run goes on with the next", async () => {
  using rig = new Rig();
  const two = tinyPipeline
    .replace("units: 16", "units: 32")
    .replace("tolerance: chat", "mode: full, tolerance: chat")
    .replace("notes/*.txt", "*/*.txt");
  rig.write("tiny.yaml", two);
  const running = rig.startRun("tiny.yaml");
  await running.until(
    (event) => event.type === "step" && event.step === "validate/Q8_0/2" && event.status === "started",
  );
  running.kill("SIGKILL");
  await running.ended;
  const ended = await rig.run("tiny.yaml");
  expect(ended.code).toBe(0);
  const done = stepsThat(ended, "done");
  expect(done.filter((step) => step.endsWith("/1"))).toEqual([]);
  expect(done).toEqual(expect.arrayContaining(["validate/Q8_0/2", "validate/Q4_K_M/2"]));
});
