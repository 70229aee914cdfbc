import type { Tolerance } from "./pipeline.ts";

/** A named tolerance. The bounds are policy: no published work maps a rise of perplexity to a loss in a task. */
export interface Preset {
  readonly name: string;
  /** Largest relative rise of perplexity against F16. */
  readonly ppl: number;
  /** Largest mean KL divergence from F16, nats per token: 2 ln(1 + ppl), rounded. */
  readonly kld: number;
  /** What the preset is for and why its bound is where it is. */
  readonly policy: string;
  /** Published observations that the policy leans on. */
  readonly source: string;
}

/** In order of the task's patience, from the widest tolerance to the narrowest. */
export const presets = [
  {
    name: "drafting",
    ppl: 0.05,
    kld: 0.1,
    policy: "Text that a person rewrites before it is used, so that small losses cost little.",
    source: "MagicQuant calls a rise of 3 to 5% borderline, and a file beyond that a toy.",
  },
  {
    name: "chat",
    ppl: 0.03,
    kld: 0.06,
    policy: "General conversation, where a reader seldom notices losses of this size.",
    source: "MagicQuant calls 1 to 3% a minimal loss; Artefact2 found Q4_K_S transparent in a blind test.",
  },
  {
    name: "finetune-base",
    ppl: 0.03,
    kld: 0.06,
    policy: "A frozen base below an adapter, which absorbs part of the error. Merge adapters into F16 only.",
    source: "QLoRA (arXiv 2305.14314): an adapter on a 4-bit base reached the quality of 16-bit tuning.",
  },
  {
    name: "summarization",
    ppl: 0.015,
    kld: 0.03,
    policy: "Long inputs, where losses grow: validate at the context length that is deployed.",
    source: "arXiv 2505.20276: 8 bits lose 0.8%, 4 bits up to 59% on long inputs, depending on the model.",
  },
  {
    name: "rag",
    ppl: 0.015,
    kld: 0.03,
    policy: "Answers from retrieved passages: long inputs, and facts that must be copied without a slip.",
    source: "arXiv 2505.20276, as for summarization.",
  },
  {
    name: "code",
    ppl: 0.01,
    kld: 0.02,
    policy: "Source code, where one wrong token breaks a program. Calibrate on code as well.",
    source: "arXiv 2503.07103 and 2410.14766: 4 bits show no clear drop, 2 bits collapse.",
  },
  {
    name: "json",
    ppl: 0.005,
    kld: 0.01,
    policy: "Strict JSON and tool calls. The family of the model matters more than the bits: add a check of the task.",
    source: "QuantCall on BFCL: schemas stay valid while arguments get worse, for some models at Q8_0 already.",
  },
  {
    name: "math",
    ppl: 0.005,
    kld: 0.01,
    policy: "Reasoning in many steps, where an early slip spoils the rest. Add a check of the task.",
    source: "arXiv 2501.03035 and 2505.11574: losses of 11% on average, and up to 70% for small models.",
  },
  {
    name: "eval-baseline",
    ppl: 0.003,
    kld: 0.006,
    policy: "A stand-in for F16 in measurements, as near as runs on two machines can be told apart.",
    source: "llama.cpp: one file on two setups has differed by up to 0.6%, commonly by 0.02% on a dense model.",
  },
] as const satisfies readonly Preset[];

export type PresetName = (typeof presets)[number]["name"];

export const presetNames: readonly PresetName[] = presets.map((preset) => preset.name);

/** One-sided confidence of every preset, and of a tolerance that names none. */
export const usualConfidence = 0.95;

/** The tolerance that a preset stands for. */
export const presetTolerance = (name: PresetName): Tolerance => {
  const preset = presets.find((candidate) => candidate.name === name);
  if (preset === undefined) throw new Error(`Internal error: no preset ${name}`);
  const { ppl, kld } = preset;
  return { name, ppl, pplDelta: null, kld, sameTop: null, confidence: usualConfidence };
};

/** Bound on the mean KL divergence (nats) that goes with a relative rise of perplexity: twice its logarithm. */
export const companionKld = (ppl: number): number => 2 * Math.log1p(ppl);
