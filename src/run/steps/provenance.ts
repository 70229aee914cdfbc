import { fingerprint } from "../../base/canonical.ts";
import type { Digest } from "../../base/ids.ts";
import type { Toolchain } from "../../base/tool.ts";
import { longestEntry } from "../../llama/quantize.ts";
import { usesImatrix } from "../../pipeline/types.ts";
import { calibrationRole } from "../../plan/measure-steps.ts";
import type { StepContext } from "./step.ts";

/**
 * What a quantized file says of its own origin, by the key in its header. Only what is known before it is made: a verdict
 * or a tolerance in it would make the same bytes differ by what was thought of them later. The step can be among them,
 * because it is told by its inputs and not by its arguments, which follow from them.
 */
export const provenanceOf = ({ recipe, input, inputs, toolchain }: Origin): Readonly<Record<string, string>> => ({
  "pipeline.model.sha256": input("model.gguf").digest,
  ...(inputs.has("imatrix.gguf")
    ? {
        "pipeline.imatrix.sha256": input("imatrix.gguf").digest,
        // A matrix from elsewhere comes from texts that nobody here knows.
        ...corpusEntry(textsIn(inputs)),
      }
    : {}),
  "pipeline.llama_cpp.version": printed(toolchain.version),
  "pipeline.step.sha256": recipe,
});

const corpusEntry = (texts: Readonly<Record<string, Digest>>): Readonly<Record<string, string>> =>
  Object.keys(texts).length === 0 ? {} : { "pipeline.corpus.sha256": calibrationDigest(texts) };

type Origin = Pick<StepContext, "recipe" | "input" | "inputs" | "toolchain">;

/**
 * Entries of the same lengths as the real ones: a size can be told before any digest is known.
 * @param ownMatrix whether the importance matrix is collected from texts of this pipeline
 */
export const provenanceForm = (
  toolchain: Toolchain,
  type: string,
  ownMatrix: boolean,
): Readonly<Record<string, string>> => {
  const digest = "0".repeat(64) as Digest;
  const calibrated = ["imatrix.gguf", ...(ownMatrix ? [`${calibrationRole}any`] : [])];
  const roles = ["model.gguf", ...(usesImatrix(type) ? calibrated : [])];
  const file = { path: "", digest, size: 0, ephemeral: false };
  const inputs = new Map(roles.map((role) => [role, file]));
  return provenanceOf({ recipe: digest, input: () => file, inputs, toolchain });
};

/** One digest over the calibration texts. The holdout is not in it: a file does not depend on what it is tested with. */
export const calibrationDigest = (texts: Readonly<Record<string, Digest>>): Digest => fingerprint({ ...texts });

const textsIn = (inputs: Origin["inputs"]): Record<string, Digest> =>
  Object.fromEntries(
    [...inputs].flatMap(([role, { digest }]) =>
      role.startsWith(calibrationRole) ? [[role.slice(calibrationRole.length), digest]] : [],
    ),
  );

/** Any tool may print anything as its version; llama-quantize takes so many bytes. */
const printed = (version: string): string => version.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, longestEntry);
