import type { JsonObject } from "../base/canonical.ts";
import { stepId, type StepId } from "../base/ids.ts";
import type { MatrixName } from "../base/matrix-names.ts";
import type { Ablation, Pipeline } from "../pipeline/pipeline.ts";
import { quantType, usesImatrix } from "../pipeline/types.ts";
import { roleOf } from "./decision-steps.ts";
import { addition } from "./imatrix-steps.ts";
import { calibrated, measured, measurement, pins, quantizeStep } from "./measure-steps.ts";
import { calibrationMix, type MixPart } from "./mix.ts";
import { modelInputs } from "./model-files.ts";
import { referenceInputs } from "./reference.ts";
import type { InputRef, StepSpec } from "./step.ts";

const ablationStep = stepId("ablation");
const baselineStep = stepId("ablation/baseline");
const selectStep = stepId("select");
const corpusStep = stepId("corpus");
const matrixStep = (matrix: MatrixName): StepId => stepId(`ablation/${matrix}`);
const buildStep = (matrix: MatrixName, type: string): StepId => stepId(`ablation/${matrix}/${type}`);
const measureStep = (matrix: MatrixName, type: string): StepId => stepId(`ablation/${matrix}/${type}/search`);

const output = (step: StepId, name: string): InputRef => ({ from: "step", step, output: name });

/** A type that is built with a matrix. */
interface Build {
  readonly matrix: MatrixName;
  readonly type: string;
}

/** Why something that was asked for is not built. */
export interface Unmade {
  readonly matrix: MatrixName;
  /** Null: no type at all. */
  readonly type: string | null;
  /** llama-quantize refuses the type without a matrix; or no source of the matrix has a window of calibration text. */
  readonly why: "needs-matrix" | "no-text";
}

/** What the step `ablation` compares, as its parameters. */
export interface AblationParams {
  readonly builds: readonly Build[];
  readonly unmade: readonly Unmade[];
  /** Sources of the matrices that are mixed for the ablation, and of the pipeline's own. */
  readonly sources: Readonly<Partial<Record<MatrixName, readonly string[]>>>;
  readonly domains: readonly string[];
  readonly chunksPerUnit: number;
}

/**
 * Builds of the ladder's types with other matrices, measured on the search split: after the decision, which knows nothing
 * of them. What is only built for it waits for a measurement that runs; the pipeline's own matrix is the ladder's quant.
 */
export const ablationSteps = (pipeline: Pipeline): StepSpec[] => {
  const { ablation } = pipeline;
  if (ablation === undefined) return [];
  const builds = buildsOf(pipeline, ablation);
  return [
    ...ablation.matrices.flatMap((matrix) => mixing(pipeline, matrix)),
    ...builds.flatMap((build) => (build.matrix === "mixed" ? [] : [building(pipeline, build)])),
    baseline(pipeline),
    ...builds.map((build) => measuring(pipeline, ablation, build)),
    compare(pipeline, ablation, builds),
  ];
};

/** Sources that a matrix is mixed of, with the weights that they have in the pipeline's own. */
const partsOf = (pipeline: Pipeline, matrix: MatrixName): readonly MixPart[] => {
  const { corpus, validate, imatrix } = pipeline;
  if (matrix === "none" || imatrix.import !== null) return [];
  const gated = new Set(corpus.sources.flatMap(({ id, domain }) => (validate.domains.includes(domain) ? [id] : [])));
  return calibrationMix(pipeline).filter(({ id }) => matrix === "mixed" || gated.has(id) === (matrix === "domain"));
};

const isOwn = (matrix: MatrixName): matrix is "general" | "domain" => matrix === "general" || matrix === "domain";

const lacksText = (pipeline: Pipeline, matrix: MatrixName): boolean =>
  isOwn(matrix) && partsOf(pipeline, matrix).length === 0;

const lacksMatrix = ({ matrix, type }: Build): boolean => matrix === "none" && quantType(type).imatrix === "required";

/** Types that are compared for certain, and those of the ladder that are if they are chosen. */
const typesOf = ({ quantize }: Pipeline, { types, chosen }: Ablation): readonly string[] =>
  chosen ? quantize.types.filter(usesImatrix) : types;

const buildsOf = (pipeline: Pipeline, ablation: Ablation): readonly Build[] =>
  typesOf(pipeline, ablation).flatMap((type) =>
    ablation.matrices
      .map((matrix) => ({ matrix, type }))
      .filter((build) => !lacksText(pipeline, build.matrix) && !lacksMatrix(build)),
  );

const unmadeOf = (pipeline: Pipeline, ablation: Ablation): readonly Unmade[] => [
  ...ablation.matrices.flatMap((matrix) =>
    lacksText(pipeline, matrix) ? [{ matrix, type: null, why: "no-text" } as const] : [],
  ),
  ...(ablation.matrices.includes("none") ? ablation.types : []).flatMap((type) =>
    lacksMatrix({ matrix: "none", type }) ? [{ matrix: "none", type, why: "needs-matrix" } as const] : [],
  ),
];

/** Nothing is asked of its coverage: what a matrix lacks is part of what is compared. */
const mixing = (pipeline: Pipeline, matrix: MatrixName): StepSpec[] => {
  if (!isOwn(matrix) || lacksText(pipeline, matrix)) return [];
  const { params, inputs } = addition(pipeline, partsOf(pipeline, matrix));
  return [
    {
      id: matrixStep(matrix),
      kind: "merge",
      title: `Mix the importance matrix of the ${matrix} sources alone`,
      params: { ...params, gate: null, pin: null },
      inputs,
      after: [],
      numeric: false,
      lazy: true,
      outputs: { imatrix: { file: "imatrix.gguf" }, info: { file: "info.json" } },
    },
  ];
};

/** It is dropped when it is measured: the files of an ablation would be several times those of the ladder. */
const building = (pipeline: Pipeline, { matrix, type }: Build): StepSpec => ({
  id: buildStep(matrix, type),
  kind: "quantize",
  title: `Quantize to ${type} with the matrix ${matrix}`,
  params: { type },
  inputs: {
    ...modelInputs(pipeline),
    ...(matrix === "none" ? {} : calibrated(matrixStep(matrix), partsOf(pipeline, matrix))),
    // As in the ladder's quant, so that nothing but the matrix differs.
    ...pins(pipeline),
  },
  tool: "llama-quantize",
  after: [stepId("model")],
  numeric: false,
  lazy: true,
  outputs: { quant: { file: "quant.gguf", ephemeral: true }, info: { file: "info.json" } },
});

const searchMeasurement = (pipeline: Pipeline): JsonObject => {
  const { domains } = pipeline.validate;
  // The closing percentiles are those of the decision.
  const { tail: _tail, ...params } = measurement(pipeline, { units: pipeline.corpus.searchUnits * domains.length });
  return params;
};

const baseline = (pipeline: Pipeline): StepSpec => ({
  id: baselineStep,
  kind: "baseline",
  title: "Measure the full-precision model on the search split",
  params: searchMeasurement(pipeline),
  inputs: { ...referenceInputs(pipeline), "holdout.txt": output(corpusStep, "search") },
  tool: "llama-perplexity",
  after: [stepId("model")],
  numeric: true,
  lazy: true,
  outputs: { logits: { file: "base.logits", ephemeral: true }, nll: { file: "nll.json" } },
});

const measuring = (pipeline: Pipeline, { types }: Ablation, { matrix, type }: Build): StepSpec => ({
  ...measured(
    searchMeasurement(pipeline),
    { "quant.gguf": output(matrix === "mixed" ? quantizeStep(type) : buildStep(matrix, type), "quant") },
    baselineStep,
  ),
  id: measureStep(matrix, type),
  title: `Measure ${type} with the matrix ${matrix} on the search split`,
  after: [selectStep],
  outputs: { rows: { file: "rows.json" } },
  ablates: { type, ifChosen: !types.includes(type) },
});

const compare = (pipeline: Pipeline, ablation: Ablation, builds: readonly Build[]): StepSpec => ({
  id: ablationStep,
  kind: "ablation",
  title: "Compare the importance matrices",
  params: asJson({
    builds,
    unmade: unmadeOf(pipeline, ablation),
    sources: Object.fromEntries(
      ablation.matrices.map((matrix) => [matrix, partsOf(pipeline, matrix).map(({ id }) => id)]),
    ),
    domains: pipeline.validate.domains,
    chunksPerUnit: pipeline.validate.unit / pipeline.validate.context,
  }),
  inputs: {
    manifest: output(corpusStep, "manifest"),
    [roleOf(baselineStep, "nll")]: { from: "step", step: baselineStep, output: "nll", optional: true },
    ...Object.fromEntries(builds.flatMap((build) => buildInputs(build))),
  },
  after: [selectStep],
  numeric: false,
  outputs: { ablation: { file: "ablation.json" } },
});

/** What was measured of a build, and its bits a weight; nothing of a type that was not needed. */
const buildInputs = ({ matrix, type }: Build): [string, InputRef][] => {
  const [measurements, built] = [measureStep(matrix, type), buildStep(matrix, type)];
  const quant = matrix === "mixed" ? quantizeStep(type) : built;
  return [
    [roleOf(measurements, "rows"), { from: "step", step: measurements, output: "rows", optional: true }],
    [roleOf(built, "info"), { from: "step", step: quant, output: "info", optional: true }],
  ];
};

const asJson = ({ builds, unmade, sources, domains, chunksPerUnit }: AblationParams): JsonObject => ({
  builds: builds.map((build) => ({ ...build })),
  unmade: unmade.map((each) => ({ ...each })),
  sources: Object.fromEntries(Object.entries(sources).map(([matrix, ids]) => [matrix, [...ids]])),
  domains: [...domains],
  chunksPerUnit,
});

/** Roles under which the step `ablation` reads what is known of a build. */
export const buildRoles = ({ matrix, type }: Build): { readonly rows: string; readonly info: string } => ({
  rows: roleOf(measureStep(matrix, type), "rows"),
  info: roleOf(buildStep(matrix, type), "info"),
});

export const baselineRole = roleOf(baselineStep, "nll");
