import { sha256 } from "../../src/base/canonical.ts";
import { stepId } from "../../src/base/ids.ts";
import type { Answer, ReportedCandidate } from "../../src/select/answer.ts";
import type { Estimate } from "../../src/select/choose.ts";
import type { Verdict } from "../../src/select/verdict.ts";

const mib = 2 ** 20;

/** A candidate by its bounds: relative rise of perplexity and mean KLD, each mean ± margin. */
export const candidate = (
  type: string,
  size: number,
  verdict: Verdict,
  rise: readonly [mean: number, margin: number],
  kld: readonly [mean: number, margin: number],
  extra: Partial<ReportedCandidate> = {},
): ReportedCandidate => ({
  type,
  bytes: Math.round(size * mib),
  bpw: size / 0.69,
  verdict,
  units: 32,
  look: 32,
  ppl: 12.345 * (1 + rise[0]),
  lnPplRatio: estimate(Math.log1p(rise[0]), rise[1], Math.log1p(0.03)),
  kld: estimate(kld[0], kld[1], 0.06),
  sha256: sha256(type),
  fallbacks: {},
  ...extra,
});

const estimate = (mean: number, margin: number, limit: number): Estimate => {
  const [lower, upper] = [mean - margin, mean + margin];
  return {
    mean,
    upper95: upper,
    lower,
    upper,
    limit,
    verdict: upper <= limit ? "PASS" : lower > limit ? "FAIL" : "UNDECIDED",
  };
};

export const q8 = candidate("Q8_0", 5.83, "PASS", [0.0004, 0.0009], [0.0006, 0.0001]);
export const q4 = candidate("Q4_K_M", 3.52, "PASS", [0.0081, 0.0052], [0.0213, 0.0024]);
export const iq3 = candidate("IQ3_XXS", 2.49, "FAIL", [0.0402, 0.006], [0.0712, 0.005]);
export const iq2 = candidate("IQ2_XS", 1.94, "FAIL", [0.2113, 0.02], [0.3021, 0.02]);

const choiceOf = (chosen: ReportedCandidate): Answer["choice"] => ({
  type: chosen.type,
  file: `medical-${chosen.type}.gguf`,
  bytes: chosen.bytes,
  sha256: chosen.sha256,
});

/** An answer over some candidates; the choice is the last PASS before the first candidate without one. */
export const answerOf = (candidates: readonly ReportedCandidate[], extra: Partial<Answer> = {}): Answer => {
  const first = candidates.findIndex(({ verdict }) => verdict !== "PASS");
  const chosen = candidates[(first === -1 ? candidates.length : first) - 1];
  return {
    schemaVersion: 2,
    pipeline: "medical",
    seed: 7,
    choice: chosen === undefined ? null : choiceOf(chosen),
    refused: candidates[first]?.type ?? null,
    tolerance: { name: "chat", ppl: 0.03, kld: 0.06, confidence: 0.95 },
    limits: { lnPplRatio: Math.log1p(0.03), kld: 0.06, confidence: 0.95 },
    candidates,
    ...facts,
    ...extra,
  };
};

const facts = {
  model: {
    sha256: sha256("model"),
    bytes: Math.round(11.1 * mib),
    file: "pocket-f16.gguf",
    name: "Pocket",
    architecture: "llama",
    fileType: "F16",
    tensors: 38,
    parameters: 5_767_424,
    contextLength: 512,
    vocabulary: 4096,
  },
  holdout: {
    domain: "medical",
    units: 32,
    unitTokens: 512,
    scoredTokens: 255,
    context: 512,
    kv: "f16",
    shards: [{ units: 32, sha256: sha256("holdout") }],
    ppl: 12.345,
  },
  imatrix: {
    sha256: sha256("imatrix"),
    chunks: 32,
    context: 512,
    sources: [{ id: "notes", chunks: 32, sha256: sha256("notes") }],
  },
  corpus: {
    sources: [
      {
        id: "notes",
        domain: "medical",
        share: 1,
        license: null,
        holdoutOnly: false,
        documents: 96,
        kept: 93,
        dropped: { duplicate: 2, "too-short": 1 },
        masked: { email: 4 },
        boilerplateLines: 12,
        calibration: { documents: 40, wanted: 32, chunks: 32, tokens: 16_384 },
      },
    ],
    overlap: { words: 13, checked: 40, dropped: 1, exempt: 3 },
    foreignUnits: 0,
    search: { units: 8, documents: 5, sha256: sha256("search") },
  },
  llamaCpp: {
    version: "0.5.0 (build 1)",
    digest: sha256("tools"),
    numeric: { backend: "cpu" as const, device: "cpu", isa: "x86-64-v3" },
  },
  reproduce: [
    {
      step: stepId("quantize/Q4_K_M"),
      tool: "llama-quantize",
      argv: ["--imatrix", "imatrix.gguf", "./model.gguf", "./quant.gguf", "Q4_K_M", "{threads}"],
      inputs: { "model.gguf": { from: "model" as const } },
      outputs: { "quant.gguf": sha256("Q4_K_M") },
    },
  ],
  origins: { bytes: "measured" as const, "kld.upper95": "estimated" as const, ppl: "derived" as const },
};
