import { fingerprint, type Json, type JsonObject } from "../base/canonical.ts";
import type { Digest, Key } from "../base/ids.ts";
import type { Toolchain } from "../base/tool.ts";
import type { StepKind, StepSpec } from "./step.ts";

/**
 * Raised when a step's code changes what it makes from the same inputs; then its old results are not found any more.
 * (The version of the whole program was rejected: every release would throw every cache away.)
 */
const stepVersions: Readonly<Record<StepKind, number>> = {
  fetch: 1,
  model: 2,
  source: 1,
  corpus: 5,
  imatrix: 3,
  "top-up": 1,
  merge: 3,
  import: 1,
  ladder: 2,
  baseline: 1,
  quantize: 2,
  validate: 1,
  select: 2,
  ablation: 1,
  // Also when the table of devices or a form of the memory model changes.
  fit: 1,
  report: 4,
};

/**
 * Everything that decides a step's bytes, by name. Not in it: paths, run ids, thread counts, memory, clocks.
 * - `kind`, `version`: which code makes it
 * - `params`: what the pipeline asks for, defaults applied
 * - `inputs`: digest by role; a digest and not a recipe, so that equal bytes from a re-run change nothing (early cutoff)
 * - `tool`: identity of the executable, null when none runs
 * - `numeric`: backend, device and instruction set, null when the bytes do not depend on them
 */
export const keyDocument = (
  spec: StepSpec,
  inputs: Readonly<Record<string, Digest>>,
  toolchain: Toolchain,
): JsonObject => ({
  schema: 1,
  kind: spec.kind,
  version: stepVersions[spec.kind],
  params: spec.params,
  inputs: { ...inputs },
  outputs: Object.keys(spec.outputs).sort(),
  tool: spec.tool === undefined ? null : toolIdentity(spec.tool, toolchain),
  numeric: spec.numeric ? { ...toolchain.numeric } : null,
});

const toolIdentity = (tool: NonNullable<StepSpec["tool"]>, toolchain: Toolchain): Json => ({
  name: tool,
  version: toolchain.version,
  identity: tool === "toolchain" ? fingerprint({ ...toolchain.identity }) : toolchain.identity[tool],
});

/**
 * What a step does, with the tool by its version and not by its bytes. A file that names its step names it by this: with the
 * key itself in it, a llama.cpp that was built again would give files of other bytes, and everything that was measured of
 * them and decided by it would be done again.
 */
export const recipeOf = (document: JsonObject): Digest => {
  const { tool } = document;
  if (typeof tool !== "object" || tool === null || !("version" in tool)) return fingerprint(document);
  return fingerprint({ ...document, tool: { name: tool["name"] ?? null, version: tool["version"] ?? null } });
};

export const keyOf = (document: JsonObject): Key => fingerprint(document) as string as Key;
