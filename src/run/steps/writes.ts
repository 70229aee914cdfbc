import { logitsBytes } from "../../llama/logits.ts";
import type { Gguf } from "../../llama/gguf.ts";
import { imatrixBytes } from "../../llama/imatrix-file.ts";
import { readParts } from "../../llama/parts.ts";
import { vocabularySize } from "../../llama/vocab.ts";
import type { StepSpec } from "../../plan/step.ts";
import type { Ladder } from "../../select/prune.ts";
import { modelRoles } from "./model-files.ts";
import type { MeasurementParams } from "./measurement.ts";

/** What tells how much a step will write, before it runs. */
export interface WriteFacts {
  readonly spec: StepSpec;
  /** Bytes of its input of that role; undefined while that is not made. */
  readonly sizeOf: (role: string) => number | undefined;
  /** Of a model that is not here yet. */
  readonly header?: Gguf;
  /** Sizes of the candidates; undefined before they are known. */
  readonly ladder: Ladder | undefined;
}

/** Bytes that a step will write in all; undefined where that cannot be told. */
export type WritesOf = (facts: WriteFacts) => number | undefined;

/** Documents as they were cleaned, the words they have in common, and the packed texts: each about as much as the text. */
export const corpusWrites: WritesOf = ({ spec, sizeOf }) =>
  3 *
  Object.keys(spec.inputs)
    .filter((role) => role.startsWith("source/"))
    .reduce((sum, role) => sum + (sizeOf(role) ?? 0), 0);

export const imatrixWrites: WritesOf = ({ spec, header }) => {
  const model = header ?? modelOf(spec);
  return model === undefined ? undefined : imatrixBytes(model);
};

/** Exact. */
export const baselineWrites: WritesOf = ({ spec, header }) => {
  const { chunks, spare, context } = spec.params as unknown as MeasurementParams;
  const model = header ?? modelOf(spec);
  const vocab = model === undefined ? undefined : vocabularySize(model);
  return vocab === undefined ? undefined : logitsBytes({ context, vocab, chunks: chunks + spare });
};

/** Exact but for the name of the importance matrix in the header. */
export const quantizeWrites: WritesOf = ({ spec, ladder }) =>
  [...(ladder?.rungs ?? []), ...(ladder?.pruned ?? [])].find(({ type }) => type === spec.params["type"])?.bytes;

/** Undefined for a model that cannot be read, which is another failure. */
const modelOf = ({ inputs }: StepSpec): Gguf | undefined => {
  const refs = modelRoles(Object.keys(inputs)).map((role) => inputs[role]);
  if (refs.every((ref) => ref?.from !== "file")) return undefined;
  const model = readParts(refs.flatMap((ref) => (ref?.from === "file" ? [ref.path] : [])));
  return model.ok ? model.value : undefined;
};
