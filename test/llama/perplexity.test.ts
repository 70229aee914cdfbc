import { array, assert, double, property } from "fast-check";
import { describe, expect, it } from "vitest";
import {
  baselineArgv,
  baselineParser,
  candidateArgv,
  candidateParser,
  type CandidateRequest,
  chunkError,
  chunkMeans,
  perplexityOutcome,
  rounding,
} from "../../src/llama/perplexity.ts";
import { cutResults, forms, messageOf, parsed, parsedCut } from "./fixture.ts";

const request: CandidateRequest = {
  context: 512,
  threads: 2,
  gpuLayers: "all",
  jsonLog: true,
  cache: "f16",
  model: "model.gguf",
  logits: "base.bin",
};

describe("argv", () => {
  it("is the same for baseline and candidate but for what they do", () => {
    const [baseline, candidate] = [baselineArgv({ ...request, text: "t.txt", chunks: 4 }), candidateArgv(request)];
    expect(baseline.slice(0, 10).join(" ")).toBe(
      "-m model.gguf -f t.txt --kl-divergence-base base.bin --ppl-output-type 1 --chunks 4",
    );
    expect(candidate.slice(0, 5).join(" ")).toBe("-m model.gguf --kl-divergence-base base.bin --kl-divergence");
    expect(baseline.slice(10)).toEqual(candidate.slice(5));
    expect(baseline.slice(10).join(" ")).toContain("-ngl all -fit off -lv 3");
  });
});

describe("baselineParser", () => {
  it.each(forms)("turns running means into chunks (%s)", (form) => {
    const run = parsed(baselineParser, "baseline", form);
    expect(run).toMatchObject({ planned: 6, context: 512, perplexity: 87.2368, summary: true, errors: [] });
    expect(run.chunks).toHaveLength(6);
    expect(run.chunks[0]?.nll).toBe(4.666327);
    expect(run.chunks[1]?.nll).toBeCloseTo(2 * 4.439885 - 4.666327, 9);
    expect(perplexityOutcome(run, 6)).toEqual({ status: "complete" });
  });

  it.each(forms)("does not depend on how the output is cut (%s)", (form) => {
    const whole = parsed(baselineParser, "baseline", form);
    for (const run of cutResults(baselineParser, "baseline", form)) expect(run).toEqual(whole);
  });

  it.each(forms)("tells a broken model from a lost line (%s)", (form) => {
    expect(perplexityOutcome(parsed(baselineParser, "baseline-nan", form), 3)).toEqual({
      status: "not-finite",
      chunk: 1,
    });
  });

  it.each(forms)("names a text that is too short, though the tool exits 0 (%s)", (form) => {
    const outcome = perplexityOutcome(parsed(baselineParser, "baseline-short", form), 3);
    expect(messageOf(outcome)).toContain("at least 1024 tokens");
  });
});

describe("candidateParser", () => {
  it.each(forms)("reads NLL, divergence and agreement of each chunk (%s)", (form) => {
    const run = parsed(candidateParser, "candidate", form);
    expect(run).toMatchObject({ planned: 6, context: 512, summary: true, errors: [] });
    expect(run.chunks).toHaveLength(6);
    // The first row is no difference: 112.2801, 0.12327, 69.020 %, which is 176 of 255 tokens.
    expect(run.chunks[0]).toEqual({ nll: Math.log(112.2801), kld: 0.12327, sameTop: 176 / 255 });
    for (const { sameTop } of run.chunks) expect(Number.isInteger(Math.round(sameTop * 255 * 1e6) / 1e6)).toBe(true);
    const mean = run.chunks.reduce((sum, { kld }) => sum + kld, 0) / 6;
    expect(mean).toBeCloseTo(0.12, 1);
    expect(perplexityOutcome(run, 6)).toEqual({ status: "complete" });
  });

  it.each(forms)("does not depend on how the output is cut (%s)", (form) => {
    const whole = parsed(candidateParser, "candidate", form);
    for (const run of cutResults(candidateParser, "candidate", form)) expect(run).toEqual(whole);
  });

  it.each(forms)("finds nothing between a model and itself, errors of -nan included (%s)", (form) => {
    const run = parsed(candidateParser, "candidate-self", form);
    const base = parsed(baselineParser, "baseline", form);
    expect(perplexityOutcome(run, 6)).toEqual({ status: "complete" });
    run.chunks.forEach((chunk, index) => {
      expect(chunk.sameTop).toBe(1);
      expect(Math.abs(chunk.kld)).toBeLessThanOrEqual(chunkError(index + 1, rounding.kld) + 1e-5);
      const bound = chunkError(index + 1, rounding.nll + rounding.perplexity / 83);
      expect(Math.abs(chunk.nll - (base.chunks[index]?.nll ?? 0))).toBeLessThanOrEqual(bound);
    });
  });

  it.each(forms)("recognizes nan (%s)", (form) => {
    expect(perplexityOutcome(parsed(candidateParser, "candidate-nan", form), 6)).toEqual({
      status: "not-finite",
      chunk: 1,
    });
  });

  it("is complete without the last row, if one chunk more was planned than is wanted", () => {
    const run = parsedCut(candidateParser, "candidate", "plain", 800);
    expect([run.chunks.length, run.planned]).toEqual([5, 6]);
    expect(perplexityOutcome(run, 5)).toEqual({ status: "complete" });
    expect(perplexityOutcome(run, 6)).toEqual({ status: "incomplete", missing: "the row of chunk 6 of 6" });
    expect(perplexityOutcome(run, 7)).toMatchObject({ status: "refused" });
  });

  it("says how far a cut base file went", () => {
    const cut = "candidate-cut-base";
    // The plain run lost its error line when it ended; that is the reason why silence is its own outcome.
    expect(perplexityOutcome(parsed(candidateParser, cut, "plain"), 6)).toEqual({
      status: "incomplete",
      missing: "the row of chunk 5 of 6",
    });
    expect(perplexityOutcome(parsed(candidateParser, cut, "jsonl"), 6)).toMatchObject({ status: "refused" });
  });

  it.each(forms)("needs the last row and not the summary, at every length of the output (%s)", (form) => {
    const whole = parsed(candidateParser, "candidate", form);
    const seen = new Set<string>();
    const length = form === "plain" ? 2100 : 7500;
    for (let end = 0; end <= length; end += 3) {
      const run = parsedCut(candidateParser, "candidate", form, end);
      expect(run.chunks).toEqual(whole.chunks.slice(0, run.chunks.length));
      const outcome = perplexityOutcome(run, 6);
      expect(outcome.status).toBe(run.chunks.length === 6 ? "complete" : "incomplete");
      seen.add(`${outcome.status} ${run.summary}`);
    }
    expect([...seen]).toEqual(["incomplete false", "complete false", "complete true"]);
  });
});

/** The running means of chunk means, rounded as C prints them. */
const printed = (means: readonly number[], digits: number): number[] => {
  let sum = 0;
  return means.map((mean, index) => {
    sum += mean;
    return Number((sum / (index + 1)).toFixed(digits));
  });
};

const means = (max: number) => array(double({ min: 0, max, noNaN: true }), { minLength: 1, maxLength: 500 });
/** Beside the printed digits, a few units in the last place of a double. */
const slack = 1e-9;

describe("chunkMeans", () => {
  it("recovers chunk means from printed running means within the stated bound", () => {
    assert(
      property(means(12), (nll) => {
        chunkMeans(printed(nll, 6)).forEach((mean, index) =>
          expect(Math.abs(mean - nll[index]!)).toBeLessThanOrEqual(chunkError(index + 1, rounding.nll) + slack),
        );
      }),
    );
    assert(
      property(means(2), (kld) => {
        chunkMeans(printed(kld, 5)).forEach((mean, index) =>
          expect(Math.abs(mean - kld[index]!)).toBeLessThanOrEqual(chunkError(index + 1, rounding.kld) + slack),
        );
      }),
    );
  });

  it("recovers the NLL behind printed perplexities within the stated bound", () => {
    assert(
      property(means(8), (nll) => {
        let sum = 0;
        const perplexities = nll.map((mean, index) => {
          sum += mean;
          return Number(Math.exp(sum / (index + 1)).toFixed(4));
        });
        chunkMeans(perplexities.map(Math.log)).forEach((mean, index) => {
          const least = Math.min(...perplexities.slice(Math.max(0, index - 1), index + 1)) - rounding.perplexity;
          const bound = chunkError(index + 1, rounding.perplexity / least);
          expect(Math.abs(mean - nll[index]!)).toBeLessThanOrEqual(bound + slack);
        });
      }),
    );
  });

  it("telescopes: the mean over all chunks is the last running mean", () => {
    assert(
      property(means(12), (nll) => {
        const running = printed(nll, 6);
        const mean = chunkMeans(running).reduce((sum, value) => sum + value, 0) / nll.length;
        expect(mean).toBeCloseTo(running.at(-1)!, 8);
      }),
    );
  });
});
