import type { SelectMode } from "../../src/base/select-mode.ts";
import type { MatrixName } from "../../src/base/matrix-names.ts";
import { sha256 } from "../../src/base/canonical.ts";
import { stepId, type Key } from "../../src/base/ids.ts";
import type { Answer, Decision, ReportedCandidate } from "../../src/select/answer.ts";
import { compareMatrices, type MeasuredBuild } from "../../src/select/ablation.ts";
import { choose, type Evidence } from "../../src/select/choose.ts";
import { lookRules } from "../../src/select/level.ts";
import { limitsOf, type Allowed } from "../../src/select/limits.ts";
import { origins } from "../../src/select/origins.ts";
import type { Pruned } from "../../src/select/prune.ts";
import type { Losses, Measure, Rules } from "../../src/select/verdict.ts";
import { needless, needlessToBuild } from "../../src/select/wanted.ts";

const mib = 2 ** 20;
const basePpl = 12.345;

/** Mean and standard deviation over units: relative rise of perplexity, KLD, part of tokens with another top token. */
export interface Loss {
  readonly rise: readonly [mean: number, sd: number];
  readonly kld: readonly [mean: number, sd: number];
  readonly top?: readonly [mean: number, sd: number];
}

/** A candidate as it really is, before it is measured. */
export interface Truth {
  readonly type: string;
  readonly bytes: number;
  /** By domain; a single loss is that of every domain. */
  readonly loss: Readonly<Record<string, Loss>> | Loss;
  readonly extra: Partial<ReportedCandidate>;
}

export const candidate = (
  type: string,
  size: number,
  loss: Truth["loss"],
  extra: Partial<ReportedCandidate> = {},
): Truth => ({ type, bytes: Math.round(size * mib), loss, extra });

/** The same candidate with something that its measurements do not say. */
export const withExtra = (truth: Truth, extra: Partial<ReportedCandidate>): Truth => ({ ...truth, extra });

export const q8 = candidate("Q8_0", 5.83, { rise: [0.0004, 0.003], kld: [0.0006, 0.0002] });
export const q4 = candidate("Q4_K_M", 3.52, { rise: [0.0081, 0.02], kld: [0.0213, 0.006] });
export const iq3 = candidate("IQ3_XXS", 2.49, { rise: [0.0402, 0.016], kld: [0.0712, 0.012] });
export const iq2 = candidate("IQ2_XS", 1.94, { rise: [0.2113, 0.05], kld: [0.3021, 0.03] });
/** Below its limits by so little that 64 units do not tell. */
export const close = candidate("IQ3_XXS", 2.49, { rise: [0.02, 0.01], kld: [0.0585, 0.01] });

const standard: Allowed & { readonly name: string } = {
  domain: "medical",
  name: "chat",
  ppl: 0.03,
  pplDelta: null,
  kld: 0.06,
  sameTop: null,
};

/** What a preset or a pipeline allows on a domain. */
export const tolerance = (extra: Partial<typeof standard> = {}): typeof standard => ({ ...standard, ...extra });

/** What else a decision is about. */
export interface Setting {
  readonly tolerances?: Answer["tolerances"];
  readonly units?: number;
  readonly mode?: SelectMode;
  readonly plannedReruns?: number;
  readonly noise?: Readonly<Record<Measure, number>>;
  readonly ledger?: Decision["ledger"];
  readonly pruned?: readonly Pruned[];
  /** Anything of the answer that must be otherwise. */
  readonly extra?: Partial<Answer>;
}

export const general = tolerance({ domain: "general", name: "custom", ppl: 0.04, kld: 0.1 });
export const twoDomains: Setting = { tolerances: [tolerance(), general] };
/** A model in two files, measured against its Q8_0. */
export const inParts = (answer: Answer): Answer => {
  const parts = [1, 2].map((number) => ({
    sha256: sha256(`part ${number}`),
    bytes: number * mib,
    file: `pocket-0000${number}-of-00002.gguf`,
  }));
  const [command] = answer.reproduce;
  const inputs = {
    "model-00001-of-00002.gguf": { from: "model", part: 1 },
    "model-00002-of-00002.gguf": { from: "model", part: 2 },
    "imatrix.gguf": { from: "result", file: "imatrix.gguf" },
  } as const;
  return {
    ...answer,
    model: { ...answer.model, ...parts[0], bytes: 3 * mib, parts },
    baseline: "q8_0",
    reproduce: command === undefined ? [] : [{ ...command, inputs }],
  };
};

/** With importance matrices compared: a gain at two bits, none at four, and a type that needs a matrix. */
export const ablated = (answer: Answer): Answer => {
  const units = Array.from({ length: 16 }, (_, unit) => 0.1 + 0.01 * Math.sin(unit));
  const build = (type: string, matrix: MatrixName, bpw: number, gain: number): MeasuredBuild => {
    const kld = units.map((loss, unit) => loss - gain + 0.001 * Math.cos(unit * matrix.length));
    return { type, matrix, bpw, losses: { medical: { kld, lnPplRatio: kld } } };
  };
  const builds = [
    build("Q4_K_M", "none", 4.89, -0.02),
    build("Q4_K_M", "general", 4.89, 0),
    build("Q4_K_M", "domain", 4.89, 0.0001),
    build("IQ2_XS", "general", 2.59, 0),
    build("IQ2_XS", "domain", 2.59, 0.01),
  ];
  const sources = { none: [], general: ["general"], domain: ["notes"] };
  const unmade = [{ matrix: "none", type: "IQ2_XS", why: "needs-matrix" }] as const;
  return { ...answer, ablation: { sources, unmade, ...compareMatrices(builds, ["medical"]) } };
};

/** Good enough on medical text, too bad on general text. */
export const q4General = candidate("Q4_K_M", 3.52, {
  medical: { rise: [0.0081, 0.01], kld: [0.0213, 0.006] },
  general: { rise: [0.0601, 0.03], kld: [0.05, 0.01] },
});
const quiet: Readonly<Record<Measure, number>> = { lnPplRatio: 0.00001, kld: 0.00002, topLoss: 0.0004 };

/** The answer over some candidates, from the largest to the smallest, measured and judged by the program's own rules. */
export const answerOf = (truths: readonly Truth[], setting: Setting = {}): Answer => {
  const { units = 64, mode = "ladder", plannedReruns = 0, noise = quiet, pruned = [] } = setting;
  const tolerances = setting.tolerances ?? [standard];
  const alpha = (1 - 0.95) / (plannedReruns + 1);
  const domains = tolerances.map(({ domain }) => domain);
  const rules: Rules = {
    looks: lookRules(units, alpha),
    domains: tolerances.map((allowed) => limitsOf(allowed, basePpl)),
    noise: Object.fromEntries(domains.map((domain) => [domain, noise])),
  };
  const evidence = measure(truths, rules, mode);
  const base = Object.fromEntries(domains.map((domain) => [domain, sample(Math.log(basePpl), 0.2, units)]));
  const { choice, refused, candidates } = choose({ evidence, pruned, base, rules, alpha, scored: 255 });
  const extras = new Map(truths.map(({ type, extra }) => [type, extra]));
  const reported = candidates.map(({ ...each }): ReportedCandidate => ({
    ...each,
    sha256: each.bpw === null ? null : sha256(each.type),
    fallbacks: {},
    provenance: each.bpw === null ? {} : { "pipeline.step.sha256": sha256(`recipe of ${each.type}`) },
    stepKey: each.bpw === null ? null : (sha256(`key of ${each.type}`) as string as Key),
    ...extras.get(each.type),
  }));
  return {
    schemaVersion: 4,
    pipeline: "medical",
    seed: 7,
    choice: choiceOf(reported, choice),
    refused,
    tolerances,
    limits: rules.domains,
    decision: {
      mode,
      confidence: 0.95,
      alpha,
      plannedReruns,
      looks: rules.looks,
      ledger: setting.ledger ?? { exploratory: false, earlier: [], spent: 0 },
      cost: {
        units: evidence.reduce((sum, { losses }) => sum + countUnits(losses), 0),
        all: truths.length * domains.length * units,
      },
    },
    candidates: reported,
    holdout: {
      domains: domains.map((domain) => ({ domain, units, ppl: basePpl, noise })),
      units,
      unitTokens: 512,
      scoredTokens: 255,
      context: 512,
      kv: "f16",
      flags: ["-b", "512", "-fa", "off"],
      shards: domains.map((domain) => ({ domain, units, sha256: sha256(domain) })),
    },
    ...facts,
    ...setting.extra,
  };
};

const countUnits = (losses: Evidence["losses"]): number =>
  Object.values(losses).reduce((sum, { kld }) => sum + kld.length, 0);

const choiceOf = (candidates: readonly ReportedCandidate[], type: string | null): Answer["choice"] => {
  const chosen = candidates.find((each) => each.type === type);
  if (chosen === undefined) return null;
  return { type: chosen.type, file: `medical-${chosen.type}.gguf`, bytes: chosen.bytes, sha256: sha256(chosen.type) };
};

/** Measures what the mode asks for, as a run does: look by look, or candidate by candidate. */
const measure = (truths: readonly Truth[], rules: Rules, mode: SelectMode): Evidence[] => {
  const losses = new Map<string, Record<string, Losses>>();
  const progress = { mode, rules, ladder: truths.map(({ type }) => type), losses };
  const last = rules.looks.at(-1)?.units ?? 0;
  const step = (truth: Truth, end: number): void => {
    for (const { domain } of rules.domains) {
      if (needless(progress, truth.type, { domain, end }) !== undefined) continue;
      losses.set(truth.type, { ...losses.get(truth.type), [domain]: lossesOf(truth, domain, last, end) });
    }
  };
  if (mode === "decisive") for (const truth of truths) for (const { units } of rules.looks) step(truth, units);
  else for (const { units } of rules.looks) for (const truth of truths) step(truth, units);
  return truths.map(({ type, bytes }) => ({
    type,
    bytes,
    bpw: needlessToBuild(progress, type) === undefined ? bytes / mib / 0.69 : null,
    losses: losses.get(type) ?? {},
  }));
};

const lossesOf = ({ loss }: Truth, domain: string, all: number, units: number): Losses => {
  const own = "rise" in loss ? (loss as Loss) : loss[domain];
  if (own === undefined) throw new Error(`no loss for ${domain}`);
  const [top, topSd] = own.top ?? [0.03, 0.01];
  return {
    lnPplRatio: sample(Math.log1p(own.rise[0]), own.rise[1], all).slice(0, units),
    kld: sample(own.kld[0], own.kld[1], all, 1).slice(0, units),
    topLoss: sample(top, topSd, all, 2).slice(0, units),
  };
};

/** Sixteen values with mean 0, standard deviation 1 and a long tail upwards, as losses have it; in no order. */
const shape = [
  0.077, -0.959, 0.686, 2.323, -0.51, -0.229, -1.448, 1.424, -0.081, -0.798, 0.252, 0.987, -0.371, -1.152, 0.45, -0.651,
];

/** Units with this mean and about this standard deviation in every sixteen of them, each sixteen in another order. */
const sample = (mean: number, sd: number, units: number, turn = 0): number[] =>
  Array.from({ length: units }, (_, index) => {
    const block = Math.floor(index / 16);
    return mean + sd * (shape[(index * (1 + 2 * block) + turn * 5 + block) % 16] ?? 0);
  });

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
    stated: { license: null, licenseName: null, licenseLink: null, repository: null, tags: [], languages: [] },
  },
  imatrix: {
    sha256: sha256("imatrix"),
    chunks: 32,
    context: 512,
    sources: [{ id: "notes", chunks: 32, collected: 32, sha256: sha256("notes") }],
    coverage: {
      weights: 42,
      fewest: 16_384,
      missing: [],
      outside: ["token_embd.weight"],
      gate: null,
      thin: [],
      topUp: null,
      pinned: null,
    },
    important: [{ weight: "blk.5.ffn_down.weight", importance: 12.5, entropy: 0.81, concentration: 0.12 }],
    imported: null,
  },
  corpus: {
    manifest: sha256("manifest"),
    calibration: sha256("calibration"),
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
    tools: { "llama-quantize": sha256("llama-quantize") },
    numeric: { backend: "cpu" as const, device: "cpu", isa: "x86-64-v3" },
  },
  card: { baseModel: null, quantizedBy: null, license: null, tags: [] },
  reproduce: [
    {
      step: stepId("quantize/Q4_K_M"),
      tool: "llama-quantize",
      argv: ["--imatrix", "imatrix.gguf", "./model.gguf", "./quant.gguf", "Q4_K_M", "{threads}"],
      inputs: { "model.gguf": { from: "model" as const } },
      outputs: { "quant.gguf": sha256("Q4_K_M") },
    },
  ],
  origins,
};
