import type { JsonObject } from "../base/canonical.ts";
import type { Digest, StepId } from "../base/ids.ts";
import type { ToolName } from "../base/tool.ts";
import type { HubDataset, ModelSource } from "../pipeline/pipeline.ts";

export const stepKinds = [
  "fetch",
  "model",
  "source",
  "corpus",
  "imatrix",
  "top-up",
  "merge",
  "import",
  "ladder",
  "baseline",
  "quantize",
  "validate",
  "select",
  "ablation",
  "fit",
  "report",
] as const;
export type StepKind = (typeof stepKinds)[number];

/** Where an input's bytes come from. */
export type InputRef =
  | { readonly from: "file"; readonly path: string; readonly fetched?: FetchedInput }
  | StepRef
  /** What earlier decisions spent on this holdout: looked up when everything else is known. */
  | { readonly from: "ledger" };

/** What is known of a file before it is here: a step reads it under the digest that it must have. */
export interface FetchedInput {
  /** The step that brings it, when something that runs reads it. */
  readonly by: StepId;
  readonly sha256: Digest;
  readonly bytes: number;
}

export interface StepRef {
  readonly from: "step";
  readonly step: StepId;
  readonly output: string;
  /** The step that makes it may turn out not to be needed; then there is no such input. */
  readonly optional?: true;
}

/**
 * A step as static data, made without touching a disk. `kind`, `params`, the digests behind `inputs` and the identity
 * of `tool` make its key; paths, threads and run ids do not.
 */
export interface StepSpec {
  readonly id: StepId;
  readonly kind: StepKind;
  /** For people: `Quantize to Q4_K_M`. */
  readonly title: string;
  /** Everything that changes the output bytes and is no input, defaults applied. */
  readonly params: JsonObject;
  /** By role. In the scratch directory an input lies under its role's name. */
  readonly inputs: Readonly<Record<string, InputRef>>;
  /** `toolchain`: the step runs no tool but states which ones were used. */
  readonly tool?: ToolName | "toolchain";
  /** Steps that must have succeeded first although none of their outputs is read. */
  readonly after: readonly StepId[];
  /** The output depends on what computes it (backend, device, instruction set). */
  readonly numeric: boolean;
  readonly outputs: Readonly<Record<string, OutputSpec>>;
  /** It waits until a step that runs reads one of its outputs, and never runs if none does. */
  readonly lazy?: true;
  /** What it measures or builds: whether that is needed shows in what was measured before. */
  readonly concerns?: Concern;
  /** What it measures when the decision is taken. */
  readonly ablates?: Ablated;
  /** Files outside of the store that it brings: without them it is not done, whatever its record says. */
  readonly brings?: ModelSource;
  /** Where text lies that it reads over the network; not in the key. */
  readonly remote?: { readonly dataset: HubDataset } | { readonly url: string };
  /** The user's own folder that a command or git works in; not in the key. */
  readonly folder?: string;
}

/** A candidate, and a stretch of a domain's units unless the step builds it. */
export interface Concern {
  readonly type: string;
  readonly stretch?: { readonly domain: string; readonly end: number };
  /** An ablation needs the quant whatever the decision says. */
  readonly compared?: true;
}

/** A type that an ablation measures: whether it is in the ladder shows there, and whether it is chosen in the decision. */
export interface Ablated {
  readonly type: string;
  readonly ifChosen: boolean;
}

export interface OutputSpec {
  /** Its name in the scratch directory, and where the results are put. */
  readonly file: string;
  /** Dropped once no consumer needs it; made again only for a consumer that must run. */
  readonly ephemeral?: true;
}

/** Steps in an order in which every step follows what it needs. */
export interface Plan {
  readonly pipeline: string;
  readonly steps: readonly StepSpec[];
}
