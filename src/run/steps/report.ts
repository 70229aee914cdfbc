import { writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fingerprint } from "../../base/canonical.ts";
import type { Digest, StepId } from "../../base/ids.ts";
import { ok } from "../../base/result.ts";
import type { Manifest } from "../../corpus/manifest.ts";
import type { Pipeline } from "../../pipeline/pipeline.ts";
import { fromJson, roleOf, type DecisionParams } from "../../plan/decision-steps.ts";
import type { Answer, Command, CorpusFacts, Decision, ReportedCandidate } from "../../select/answer.ts";
import { fitOrigins } from "../../select/fit/fit-origins.ts";
import type { Fit } from "../../select/fit/fit.ts";
import { average } from "../../select/bounds.ts";
import type { Candidate, Selection } from "../../select/choose.ts";
import type { ToolCommand } from "../context.ts";
import type { ModelInfo } from "./model.ts";
import type { QuantInfo } from "./quantize.ts";
import { readJson } from "./read-json.ts";
import type { SelectionFile } from "./select.ts";
import { sharedFlags } from "./shared-flags.ts";
import type { CandidateRows } from "./validate.ts";
import type { InputFile, StepContext, StepImplementation } from "./step.ts";

interface ReportParams {
  readonly name: string;
  readonly seed: number;
  readonly imatrix: Pipeline["imatrix"];
  readonly validate: Pick<Pipeline["validate"], "context" | "unit" | "kv">;
  readonly decision: DecisionParams;
  readonly warn: Pipeline["select"]["warn"];
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
    schemaVersion: 3,
    pipeline: params.name,
    seed: params.seed,
    choice: chosen(context, params, selection),
    refused: selection.refused,
    tolerances: params.decision.tolerances,
    limits: selection.rules.domains,
    decision: describeDecision(params.decision, selection),
    candidates: selection.candidates.map((candidate) => reported(context, candidate, params)),
    model: { ...fileFacts(context.input("model.gguf")), ...(readJson(context, "model") as ModelInfo) },
    holdout: describeHoldout(context, params, manifest, selection),
    imatrix: describeImatrix(context, params, manifest),
    corpus: describeCorpus(manifest),
    ...(context.inputs.has("fit") ? { fit: readJson(context, "fit") as Fit } : {}),
    llamaCpp: {
      version: toolchain.version,
      digest: fingerprint({ ...toolchain.identity }),
      numeric: toolchain.numeric,
    },
    reproduce: params.commands
      .filter(({ step }) => context.inputs.has(roleOf(step, "command")) && concerns(step, selection.choice))
      .map((command) => finishCommand(context, command)),
    origins: context.inputs.has("fit") ? { ...origins, ...fitOrigins } : origins,
  };
};

/** How each kind of number came to be. */
const origins: Answer["origins"] = {
  bytes: "measured",
  bpw: "measured",
  ppl: "derived",
  "lnPplRatio.mean": "derived",
  "kld.mean": "measured",
  "topLoss.mean": "measured",
  upper: "estimated",
  lower: "estimated",
  upper95: "estimated",
  designEffect: "estimated",
  needed: "estimated",
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

const finishCommand = (context: StepContext, { step, inputs, outputs }: PlannedCommand): Command => ({
  step,
  ...(readJson(context, `${step}:command`) as ToolCommand),
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
  const info = roleOf(`quantize/${type}`, "info");
  const tails = decision.shards.flatMap(({ number }) => tailOf(context, roleOf(`validate/${type}/${number}`, "rows")));
  return {
    ...candidate,
    sha256: context.inputs.get(roleOf(`quantize/${type}`, "quant"))?.digest ?? null,
    fallbacks: context.inputs.has(info) ? (readJson(context, info) as QuantInfo).fallbacks : {},
    ...(warn.p99Kld === null || tails.length === 0 ? {} : { p99Kld: { value: Math.max(...tails), warn: warn.p99Kld } }),
  };
};

const tailOf = (context: StepContext, role: string): number[] => {
  const rows = context.inputs.has(role) ? (readJson(context, role) as CandidateRows) : undefined;
  return rows?.p99Kld === undefined ? [] : [rows.p99Kld];
};

const fileFacts = ({ digest, size, path }: InputFile): { sha256: Digest; bytes: number; file: string } => ({
  sha256: digest,
  bytes: size,
  file: basename(path),
});

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

const describeImatrix = (
  context: StepContext,
  { imatrix }: ReportParams,
  { calibration }: Manifest,
): Answer["imatrix"] => ({
  sha256: context.input("imatrix:imatrix").digest,
  chunks: calibration.reduce((total, { chunks }) => total + chunks, 0),
  context: imatrix.context,
  sources: calibration.map(({ source, chunks }) => ({
    id: source,
    chunks,
    sha256: context.input(`imatrix/${source}:imatrix`).digest,
  })),
});

const describeCorpus = ({ sources, calibration, overlap, search, holdout }: Manifest): CorpusFacts => ({
  sources: sources.map(({ read: documents, windows, bytes: _bytes, languages: _languages, ...source }) => {
    const text = calibration.find((part) => part.source === source.id);
    const used = { documents: text?.documents ?? 0, tokens: text?.tokens ?? 0 };
    return { ...source, documents, calibration: { ...used, wanted: windows.wanted, chunks: windows.got } };
  }),
  overlap: { words: overlap.words, checked: overlap.checked, dropped: overlap.dropped, exempt: overlap.exempt },
  search: { units: search.units.length, documents: search.documents, sha256: search.sha256 },
  foreignUnits: holdout.reduce((total, { foreignUnits }) => total + foreignUnits, 0),
});
