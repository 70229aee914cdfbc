import { writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fingerprint } from "../../base/canonical.ts";
import type { Digest, StepId } from "../../base/ids.ts";
import { ok } from "../../base/result.ts";
import type { Manifest } from "../../corpus/manifest.ts";
import type { Pipeline } from "../../pipeline/pipeline.ts";
import { fromJson, roleOf, type DecisionParams } from "../../plan/decision-steps.ts";
import { sourceStep } from "../../plan/imatrix-steps.ts";
import { weightOf, type MixPart } from "../../plan/mix.ts";
import type {
  AblationFacts,
  Answer,
  Command,
  CorpusFacts,
  Decision,
  ImatrixFacts,
  ModelFacts,
  ReportedCandidate,
} from "../../select/answer.ts";
import type { Fit } from "../../select/fit/fit.ts";
import { average } from "../../select/bounds.ts";
import type { Candidate, Selection } from "../../select/choose.ts";
import { origins } from "../../select/origins.ts";
import type { KeyedCommand, ToolCommand } from "../context.ts";
import type { ModelInfo } from "./model.ts";
import { calibrationDigest } from "./provenance.ts";
import type { QuantInfo } from "./quantize.ts";
import { modelParts } from "./model-files.ts";
import { readJson } from "./read-json.ts";
import type { SelectionFile } from "./select.ts";
import { sharedFlags } from "./shared-flags.ts";
import type { CandidateRows } from "./validate.ts";
import type { InputFile, StepContext, StepImplementation } from "./step.ts";

interface ReportParams {
  readonly name: string;
  readonly seed: number;
  readonly imatrix: { readonly context: number; readonly mix: readonly MixPart[] };
  readonly validate: Pick<Pipeline["validate"], "context" | "unit" | "kv">;
  readonly decision: DecisionParams;
  readonly warn: Pipeline["select"]["warn"];
  readonly baseline?: NonNullable<Pipeline["baseline"]>;
  readonly card: Pipeline["card"];
  readonly commands: readonly PlannedCommand[];
}

/** A command as the plan knows it; `outputs` names the role under which the report reads a file, null if none is kept. */
interface PlannedCommand {
  readonly step: StepId;
  readonly inputs: Command["inputs"];
  readonly outputs: Readonly<Record<string, string | null>>;
}

/** Gathers the answer and its evidence into `report.json`; every other form is rendered from it. */
export const report: StepImplementation = {
  run: (context) => {
    writeFileSync(context.path("report"), `${JSON.stringify(gather(context), null, 2)}\n`);
    return Promise.resolve(ok(null));
  },
};

const gather = (context: StepContext): Answer => {
  const written = context.spec.params as unknown as ReportParams;
  const params: ReportParams = { ...written, decision: fromJson(written.decision) };
  const selection = readJson(context, "selection") as SelectionFile;
  const manifest = readJson(context, "manifest") as Manifest;
  const { toolchain } = context;
  return {
    schemaVersion: 4,
    pipeline: params.name,
    seed: params.seed,
    choice: chosen(context, params, selection),
    refused: selection.refused,
    tolerances: params.decision.tolerances,
    limits: selection.rules.domains,
    decision: describeDecision(params.decision, selection),
    candidates: selection.candidates.map((candidate) => reported(context, candidate, params)),
    model: { ...fileFacts(modelParts(context)), ...(readJson(context, "model") as ModelInfo) },
    ...(params.baseline === undefined ? {} : { baseline: params.baseline }),
    holdout: describeHoldout(context, params, manifest, selection),
    imatrix: describeImatrix(context, params, manifest),
    corpus: describeCorpus(manifest, context.input("manifest").digest),
    ...(context.inputs.has("ablation") ? { ablation: readJson(context, "ablation") as AblationFacts } : {}),
    ...(context.inputs.has("fit") ? { fit: readJson(context, "fit") as Fit } : {}),
    llamaCpp: {
      version: toolchain.version,
      digest: fingerprint({ ...toolchain.identity }),
      tools: toolchain.identity,
      numeric: toolchain.numeric,
    },
    card: params.card,
    reproduce: params.commands
      .filter(({ step }) => context.inputs.has(roleOf(step, "command")) && concerns(step, selection.choice))
      .map((command) => finishCommand(context, command)),
    origins,
  };
};

const describeDecision = (params: DecisionParams, { rules, alpha, ledger, candidates }: SelectionFile): Decision => ({
  mode: params.mode,
  confidence: params.tolerances[0]?.confidence ?? 1,
  alpha,
  plannedReruns: params.plannedReruns,
  looks: rules.looks,
  ledger,
  cost: {
    units: sum(candidates.flatMap(({ domains }) => domains.map(({ units }) => units))),
    all: params.units * params.tolerances.length * candidates.filter(({ prunedBy }) => prunedBy === undefined).length,
  },
});

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Importance matrix and baseline always, quantization and validation of the choice alone. */
const concerns = (step: StepId, choice: string | null): boolean => {
  const [kind, type] = step.split("/");
  if (kind === "quantize" || kind === "validate") return type === choice;
  return kind !== "noise";
};

const commandOf = ({ tool, argv }: KeyedCommand): ToolCommand => ({ tool, argv });

const finishCommand = (context: StepContext, { step, inputs, outputs }: PlannedCommand): Command => ({
  step,
  ...commandOf(readJson(context, roleOf(step, "command")) as KeyedCommand),
  inputs,
  outputs: Object.fromEntries(
    Object.entries(outputs).map(([file, role]) => [file, role === null ? null : context.input(role).digest]),
  ),
});

const chosen = (context: StepContext, params: ReportParams, { choice }: Selection): Answer["choice"] => {
  if (choice === null) return null;
  const { digest, size } = context.input(`quantize/${choice}:quant`);
  return { type: choice, file: `${params.name}-${choice}.gguf`, bytes: size, sha256: digest };
};

const reported = (context: StepContext, candidate: Candidate, { warn, decision }: ReportParams): ReportedCandidate => {
  const { type } = candidate;
  const role = roleOf(`quantize/${type}`, "info");
  const info = context.inputs.has(role) ? (readJson(context, role) as QuantInfo) : undefined;
  const tails = decision.shards.flatMap(({ number }) => tailOf(context, roleOf(`validate/${type}/${number}`, "rows")));
  return {
    ...candidate,
    sha256: context.inputs.get(roleOf(`quantize/${type}`, "quant"))?.digest ?? null,
    fallbacks: info?.fallbacks ?? {},
    provenance: info?.provenance ?? {},
    stepKey: info === undefined ? null : (readJson(context, roleOf(`quantize/${type}`, "command")) as KeyedCommand).key,
    ...(warn.p99Kld === null || tails.length === 0 ? {} : { p99Kld: { value: Math.max(...tails), warn: warn.p99Kld } }),
  };
};

const tailOf = (context: StepContext, role: string): number[] => {
  const rows = context.inputs.has(role) ? (readJson(context, role) as CandidateRows) : undefined;
  return rows?.p99Kld === undefined ? [] : [rows.p99Kld];
};

/** Of a model in several files, what it is known by is the first of them; the others are named beside it. */
const fileFacts = (files: readonly InputFile[]): Pick<ModelFacts, "sha256" | "bytes" | "file" | "parts"> => {
  const parts = files.map(({ digest, size, path }) => ({ sha256: digest, bytes: size, file: basename(path) }));
  const [first] = parts;
  if (first === undefined) throw new Error("Internal error: a model in no file");
  if (parts.length === 1) return first;
  return { ...first, bytes: sum(parts.map(({ bytes }) => bytes)), parts };
};

const describeHoldout = (
  context: StepContext,
  { validate, decision }: ReportParams,
  manifest: Manifest,
  { base, rules }: SelectionFile,
): Answer["holdout"] => ({
  domains: decision.tolerances.map(({ domain }) => ({
    domain,
    units: base[domain]?.length ?? 0,
    ppl: Math.exp(average(base[domain] ?? [])),
    noise: rules.noise[domain] ?? { lnPplRatio: 0, kld: 0, topLoss: 0 },
  })),
  units: decision.units,
  unitTokens: validate.unit,
  scoredTokens: decision.scored,
  context: validate.context,
  kv: validate.kv,
  flags: sharedFlags(context, decision),
  shards: decision.shards.map(({ domain, units }, index) => ({
    domain,
    units,
    sha256: digestOf(manifest.holdout[index]),
  })),
});

const digestOf = (text: { readonly sha256: Digest } | undefined): Digest => {
  if (text === undefined) throw new Error("Internal error: the manifest lacks a text");
  return text.sha256;
};

const describeImatrix = (context: StepContext, { imatrix }: ReportParams, { sources }: Manifest): Answer["imatrix"] => {
  const facts = readJson(context, "imatrix:info") as ImatrixFacts;
  const mixed = imatrix.mix.map((part) => {
    const collected = sources.find(({ id }) => id === part.id)?.windows.got ?? 0;
    const { digest: sha256 } = context.input(roleOf(sourceStep(part), "imatrix"));
    return { id: part.id, chunks: weightOf(part, collected), collected, sha256 };
  });
  return {
    sha256: context.input("imatrix:imatrix").digest,
    chunks: facts.imported?.chunkCount ?? sum(mixed.map(({ chunks }) => chunks)),
    context: imatrix.context,
    sources: mixed,
    ...facts,
  };
};

const describeCorpus = (
  { sources, calibration, overlap, search, holdout }: Manifest,
  manifest: Digest,
): CorpusFacts => ({
  manifest,
  calibration: calibrationDigest(Object.fromEntries(calibration.map(({ source, sha256 }) => [source, sha256]))),
  sources: sources.map(({ read: documents, windows, bytes: _bytes, languages: _languages, ...source }) => {
    const text = calibration.find((part) => part.source === source.id);
    const used = { documents: text?.documents ?? 0, tokens: text?.tokens ?? 0 };
    return { ...source, documents, calibration: { ...used, wanted: windows.wanted, chunks: windows.got } };
  }),
  overlap: { words: overlap.words, checked: overlap.checked, dropped: overlap.dropped, exempt: overlap.exempt },
  search: { units: search.units.length, documents: search.documents, sha256: search.sha256 },
  foreignUnits: holdout.reduce((total, { foreignUnits }) => total + foreignUnits, 0),
});
