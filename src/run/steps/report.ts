import { writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fingerprint } from "../../base/canonical.ts";
import type { Digest, StepId } from "../../base/ids.ts";
import { ok } from "../../base/result.ts";
import type { Manifest } from "../../corpus/manifest.ts";
import { scoredTokens } from "../../llama/common.ts";
import type { Pipeline, Tolerance } from "../../pipeline/pipeline.ts";
import type { Answer, Command, CorpusFacts, ReportedCandidate } from "../../select/answer.ts";
import type { Selection } from "../../select/choose.ts";
import type { ToolCommand } from "../context.ts";
import type { ModelInfo } from "./model.ts";
import type { QuantInfo } from "./quantize.ts";
import { readJson } from "./read-json.ts";
import type { InputFile, StepContext, StepImplementation } from "./step.ts";

interface ReportParams {
  readonly name: string;
  readonly seed: number;
  readonly imatrix: Pipeline["imatrix"];
  readonly validate: Pipeline["validate"];
  readonly tolerance: Tolerance;
  readonly shards: readonly number[];
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
  const params = context.spec.params as unknown as ReportParams;
  const selection = readJson(context, "selection") as Selection;
  const manifest = readJson(context, "manifest") as Manifest;
  const { toolchain } = context;
  return {
    schemaVersion: 2,
    pipeline: params.name,
    seed: params.seed,
    choice: chosen(context, params, selection),
    refused: selection.refused,
    tolerance: params.tolerance,
    limits: selection.limits,
    candidates: selection.candidates.map((candidate) => reported(context, candidate)),
    model: { ...fileFacts(context.input("model.gguf")), ...(readJson(context, "model") as ModelInfo) },
    holdout: describeHoldout(params, manifest, selection),
    imatrix: describeImatrix(context, params, manifest),
    corpus: describeCorpus(manifest),
    llamaCpp: {
      version: toolchain.version,
      digest: fingerprint({ ...toolchain.identity }),
      numeric: toolchain.numeric,
    },
    reproduce: params.commands
      .filter(({ step }) => concerns(step, selection.choice))
      .map((command) => finishCommand(context, command)),
    origins: {
      bytes: "measured",
      bpw: "measured",
      ppl: "derived",
      "lnPplRatio.mean": "derived",
      "lnPplRatio.upper95": "estimated",
      "kld.mean": "measured",
      "kld.upper95": "estimated",
    },
  };
};

/** Importance matrix and baseline always, quantization and validation of the choice alone. */
const concerns = (step: StepId, choice: string | null): boolean => {
  const [kind, type] = step.split("/");
  return (kind !== "quantize" && kind !== "validate") || type === choice;
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

const reported = (context: StepContext, candidate: Selection["candidates"][number]): ReportedCandidate => ({
  ...candidate,
  sha256: context.input(`quantize/${candidate.type}:quant`).digest,
  fallbacks: (readJson(context, `quantize/${candidate.type}:info`) as QuantInfo).fallbacks,
});

const fileFacts = ({ digest, size, path }: InputFile): { sha256: Digest; bytes: number; file: string } => ({
  sha256: digest,
  bytes: size,
  file: basename(path),
});

const describeHoldout = (
  { validate, shards }: ReportParams,
  manifest: Manifest,
  { basePpl }: Selection,
): Answer["holdout"] => ({
  domain: validate.domain,
  units: validate.units,
  unitTokens: validate.unit,
  scoredTokens: (validate.unit / validate.context) * scoredTokens(validate.context),
  context: validate.context,
  kv: validate.kv,
  shards: shards.map((units, index) => ({ units, sha256: digestOf(manifest.holdout[index]) })),
  ppl: basePpl,
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
  chunks: calibration.reduce((sum, { chunks }) => sum + chunks, 0),
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
  foreignUnits: holdout.reduce((sum, { foreignUnits }) => sum + foreignUnits, 0),
});
