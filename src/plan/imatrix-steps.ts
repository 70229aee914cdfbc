import type { JsonObject } from "../base/canonical.ts";
import { stepId, type StepId } from "../base/ids.ts";
import type { Coverage, Pipeline } from "../pipeline/pipeline.ts";
import { topUpOutput, windowsOutput } from "./corpus-step.ts";
import { command } from "./command-output.ts";
import { calibrates, calibrationMix, type MixPart } from "./mix.ts";
import { modelInputs } from "./model-files.ts";
import { rangesOf, topUpRounds } from "./ranges.ts";
import { referenceInputs } from "./reference.ts";
import type { InputRef, StepSpec } from "./step.ts";

const modelStep = stepId("model");
const corpus = stepId("corpus");
const mixStep = stepId("imatrix");

const file = (path: string): InputRef => ({ from: "file", path });
const output = (step: StepId, name: string): InputRef => ({ from: "step", step, output: name });

/** Steps that make the importance matrix, the last of which is `imatrix`. */
export const imatrixSteps = (pipeline: Pipeline, mix: readonly MixPart[]): StepSpec[] => {
  const { import: imported } = pipeline.imatrix;
  if (imported !== null) return [...mix.map(({ id }) => probe(pipeline, id)), bring(pipeline, imported, mix)];
  const topUp = topUpSteps(pipeline, mix);
  return [...mix.flatMap((part) => ranges(pipeline, part)), ...topUp, merge(pipeline, mix, topUp.at(-1))];
};

/** Calibration text that is needed: that of the mix, or a little to try an imported matrix on. */
export const calibrationParts = (pipeline: Pipeline): MixPart[] => {
  if (pipeline.imatrix.import === null) return calibrationMix(pipeline);
  const [largest] = pipeline.corpus.sources.filter(calibrates).sort((a, b) => b.share - a.share);
  return largest === undefined ? [] : [{ id: largest.id, chunks: probeWindows, most: probeWindows }];
};

const probeWindows = 2;

/** The step that ends the matrix of a source: the last of its ranges. */
export const sourceStep = ({ id, most }: Pick<MixPart, "id" | "most">): StepId =>
  stepId(`imatrix/${id}/${rangesOf(most).length}`);

/**
 * A chain: each range goes on from the sums of the one before it. What all but the last give is dropped once the next
 * has it.
 */
const ranges = (pipeline: Pipeline, { id: source, most }: MixPart): StepSpec[] =>
  rangesOf(most).map((_, index, all) => {
    const isLast = index === all.length - 1;
    const previous = stepId(`imatrix/${source}/${index}`);
    return {
      ...collecting(pipeline, source),
      id: stepId(`imatrix/${source}/${index + 1}`),
      title: `Importance matrix of ${source}, part ${index + 1} of ${all.length}`,
      params: { source, range: index + 1, context: pipeline.imatrix.context },
      inputs: {
        ...collecting(pipeline, source).inputs,
        ...(index === 0 ? {} : { "previous.gguf": output(previous, "part") }),
      },
      outputs: isLast
        ? { imatrix: { file: "imatrix.gguf" }, command }
        : { part: { file: "imatrix.gguf", ephemeral: true } },
    };
  });

const collecting = (pipeline: Pipeline, source: string) => ({
  kind: "imatrix" as const,
  inputs: {
    ...referenceInputs(pipeline),
    [`${source}.txt`]: output(corpus, `calibration-${source}`),
    ...Object.fromEntries([windows(source)]),
  },
  tool: "llama-imatrix" as const,
  after: [modelStep],
  numeric: true,
});

/** How many windows a source really gave. */
const windows = (source: string): [string, InputRef] => [`windows/${source}`, output(corpus, windowsOutput(source))];

/** Round after round, source after source: each step looks at what is covered by then, and does nothing when all is. */
const topUpSteps = (pipeline: Pipeline, mix: readonly MixPart[]): StepSpec[] => {
  const { coverage } = pipeline.imatrix;
  const sources = mix.filter(({ id }) => coverage?.topUp.includes(id) === true);
  if (coverage === null) return [];
  const steps: StepSpec[] = [];
  for (let round = 1; round <= topUpRounds; round += 1)
    for (const { id } of sources) steps.push(topUp(pipeline, coverage, mix, { source: id, round }, steps.at(-1)));
  return steps;
};

const topUp = (
  pipeline: Pipeline,
  coverage: Coverage,
  mix: readonly MixPart[],
  { source, round }: { readonly source: string; readonly round: number },
  previous: StepSpec | undefined,
): StepSpec => ({
  id: stepId(`top-up/${source}/${round}`),
  kind: "top-up",
  title: `More text of ${source} where too little reached, round ${round}`,
  params: { source, range: round, context: pipeline.imatrix.context, gate: gateOf(coverage) },
  inputs: {
    ...referenceInputs(pipeline),
    [`${source}.txt`]: output(corpus, topUpOutput(source)),
    [`windows/${source}`]: output(corpus, windowsOutput(topUpOutput(source))),
    ...Object.fromEntries(mix.map((part) => [`parts/${part.id}`, output(sourceStep(part), "imatrix")])),
    ...(previous === undefined
      ? {}
      : { "previous.gguf": output(previous.id, "added"), "previous/info": output(previous.id, "info") }),
  },
  tool: "llama-imatrix",
  after: [modelStep],
  numeric: true,
  outputs: { added: { file: "imatrix.gguf" }, info: { file: "info.json" } },
});

const gateOf = ({ minTokens, experts }: Coverage): { readonly minTokens: number; readonly experts: number } => ({
  minTokens,
  experts,
});

/** What must be covered, and what becomes of what is not. */
const coverageParams = ({ imatrix: { coverage } }: Pipeline) => ({
  gate: coverage === null ? null : gateOf(coverage),
  pin: coverage?.pin ?? null,
});

const finished = ({ imatrix: { coverage } }: Pipeline): StepSpec["outputs"] => ({
  imatrix: { file: "imatrix.gguf" },
  info: { file: "info.json" },
  ...((coverage?.pin ?? null) === null ? {} : { pins: { file: "pins.json" } }),
});

/** Addition of what is there: no tool, and no model but for the names of its weights. */
const merge = (pipeline: Pipeline, mix: readonly MixPart[], lastTopUp: StepSpec | undefined): StepSpec => ({
  id: mixStep,
  kind: "merge",
  title: "Mix the importance matrices",
  params: { ...addition(pipeline, mix).params, ...coverageParams(pipeline) },
  inputs: {
    ...addition(pipeline, mix).inputs,
    ...(lastTopUp === undefined
      ? {}
      : { "top-up/matrix": output(lastTopUp.id, "added"), "top-up/info": output(lastTopUp.id, "info") }),
  },
  after: [],
  numeric: false,
  outputs: finished(pipeline),
});

/** What a mix of some sources is made of. */
export const addition = (
  pipeline: Pipeline,
  mix: readonly MixPart[],
): { readonly params: JsonObject; readonly inputs: StepSpec["inputs"] } => ({
  params: {
    sources: mix.map(({ id, chunks, most }) => ({ id, chunks, most })),
    context: pipeline.imatrix.context,
  },
  inputs: {
    ...modelInputs(pipeline),
    ...Object.fromEntries(mix.map((part) => [`parts/${part.id}`, output(sourceStep(part), "imatrix")])),
    ...Object.fromEntries(mix.map(({ id }) => windows(id))),
  },
});

/** Two windows of this model, to hold an imported matrix against. */
const probe = (pipeline: Pipeline, source: string): StepSpec => ({
  ...collecting(pipeline, source),
  id: stepId("imatrix/probe"),
  title: "Try the model on a few windows",
  params: { source, range: 1, context: pipeline.imatrix.context },
  outputs: { imatrix: { file: "imatrix.gguf" }, command },
});

const bring = (pipeline: Pipeline, imported: string, mix: readonly MixPart[]): StepSpec => ({
  id: mixStep,
  kind: "import",
  title: "Check the imported importance matrix",
  params: {
    // The report names the file; where it lies does not matter.
    file: imported.split(/[\\/]/).at(-1) ?? "",
    context: pipeline.imatrix.context,
    ...coverageParams(pipeline),
  },
  inputs: {
    ...modelInputs(pipeline),
    "imported/matrix": file(imported),
    ...Object.fromEntries(mix.map(() => ["probe/matrix", output(stepId("imatrix/probe"), "imatrix")])),
  },
  after: [modelStep],
  numeric: false,
  outputs: finished(pipeline),
});
