import type { Digest, Key, StepId } from "../base/ids.ts";
import type { MatrixName } from "../base/matrix-names.ts";
import type { SelectMode } from "../base/select-mode.ts";
import type { NumericClass } from "../base/tool.ts";
import type { ComparedMatrices } from "./ablation.ts";
import type { Candidate } from "./choose.ts";
import type { Fit } from "./fit/fit.ts";
import type { LookRule } from "./level.ts";
import type { Allowed } from "./limits.ts";
import type { Origin } from "./origins.ts";
import type { DomainLimits, Measure } from "./verdict.ts";

/**
 * `report.json`: the answer and its evidence. No clocks, no absolute paths, no cache hits: the same inputs give the
 * same bytes on every machine of one numeric class. Everything else that is shown is rendered from it.
 */
export interface Answer {
  readonly schemaVersion: 4;
  readonly pipeline: string;
  readonly seed: number;
  readonly choice: Choice | null;
  /** The first candidate below the choice that did not pass. */
  readonly refused: string | null;
  /** What is allowed, one a gated domain, in the order of the pipeline. */
  readonly tolerances: readonly (Allowed & {
    /** A preset, or `custom`. */
    readonly name: string;
  })[];
  /** The same on the scales on which losses add. */
  readonly limits: readonly DomainLimits[];
  readonly decision: Decision;
  /** From the largest file to the smallest. */
  readonly candidates: readonly ReportedCandidate[];
  readonly model: ModelFacts;
  /** The precision that the candidates are held against, where it is not that of the model as it is. */
  readonly baseline?: "f16" | "bf16" | "q8_0";
  readonly holdout: {
    readonly domains: readonly ReportedDomain[];
    /** Units of each domain. */
    readonly units: number;
    /** tokens of a unit, and how many of them are scored: the second half of each window */
    readonly unitTokens: number;
    readonly scoredTokens: number;
    readonly context: number;
    readonly kv: string;
    /** What every llama-perplexity run of this pipeline was given besides its files: the same for all, or nothing counts. */
    readonly flags: readonly string[];
    readonly shards: readonly { readonly domain: string; readonly units: number; readonly sha256: Digest }[];
  };
  readonly imatrix: {
    readonly sha256: Digest;
    readonly chunks: number;
    readonly context: number;
    readonly sources: readonly {
      readonly id: string;
      /** Windows that it counts for, and those that its own matrix was collected from. */
      readonly chunks: number;
      readonly collected: number;
      readonly sha256: Digest;
    }[];
  } & ImatrixFacts;
  readonly corpus: CorpusFacts;
  /** Where the pipeline names importance matrices to compare. */
  readonly ablation?: AblationFacts;
  /** Where the pipeline names a GPU. */
  readonly fit?: Fit;
  readonly llamaCpp: {
    readonly version: string;
    /** over the identities of all tools */
    readonly digest: Digest;
    /** Identity of each tool, by name. */
    readonly tools: Readonly<Record<string, Digest>>;
    readonly numeric: NumericClass;
  };
  /** What the pipeline says for the model card; null where it says nothing. */
  readonly card: CardWishes;
  /** The commands that rebuild the choice and measure it again, in order. */
  readonly reproduce: readonly Command[];
  /** How each number of this file came to be, by path, see `origins.ts`. */
  readonly origins: Readonly<Record<string, Origin>>;
}

/** Importance matrices that were compared, and what of them was not. */
export interface AblationFacts extends ComparedMatrices {
  /** Sources that each matrix is mixed of; none where it was made elsewhere. */
  readonly sources: Readonly<Partial<Record<MatrixName, readonly string[]>>>;
  readonly unmade: readonly UnmadeMatrix[];
}

/** What the pipeline asks for and is not built. */
export interface UnmadeMatrix {
  readonly matrix: MatrixName;
  /** Null: no type at all. */
  readonly type: string | null;
  /** llama-quantize refuses the type without a matrix; or no source of the matrix has a window of calibration text. */
  readonly why: "needs-matrix" | "no-text";
}

export interface CardWishes {
  /** A repository of the Hugging Face Hub. */
  readonly baseModel: string | null;
  readonly quantizedBy: string | null;
  readonly license: string | null;
  readonly tags: readonly string[];
}

/** What an importance matrix holds. */
export interface ImatrixFacts {
  readonly coverage: {
    /** Weights with data. */
    readonly weights: number;
    /** The fewest tokens that reached any of them, or any of their experts. */
    readonly fewest: number;
    /** Weights of the model's blocks that the tool collected nothing for, such as those for multi-token prediction. */
    readonly missing: readonly string[];
    /** Weights outside the blocks, for which it never collects anything. */
    readonly outside: readonly string[];
    /** What the pipeline asks for; null: nothing. */
    readonly gate: { readonly minTokens: number; readonly experts: number } | null;
    /** Weights and experts with fewer tokens than the gate asks for; without a gate, with none. */
    readonly thin: readonly ThinWeight[];
    /** What sources gave besides where too little text reached; null where the pipeline asks for no top-up. */
    readonly topUp: {
      readonly outcome: "not-needed" | "covered" | "exhausted";
      readonly sources: readonly { readonly id: string; readonly chunks: number }[];
    } | null;
    /** Weights that got a type of their own, because of that; null where the pipeline names none. */
    readonly pinned: { readonly type: string; readonly weights: readonly string[] } | null;
  };
  /** The weights with the largest activations, the largest first. */
  readonly important: readonly ImportantWeight[];
  /** Null for a matrix that was collected here. */
  readonly imported: ImportedMatrix | null;
}

export interface ThinWeight {
  readonly weight: string;
  /** From 0; null for a weight without experts. */
  readonly experts: readonly number[] | null;
  readonly of: number;
  /** The fewest tokens of any of them. */
  readonly tokens: number;
}

export interface ImportantWeight {
  readonly weight: string;
  /** Sum over the channels of the mean squared activation. */
  readonly importance: number;
  /** 1: all channels alike; 0: a single one. */
  readonly entropy: number;
  /** Part that the strongest hundredth of the channels has. */
  readonly concentration: number;
}

export interface ImportedMatrix {
  readonly file: string;
  readonly format: "gguf" | "dat";
  readonly datasets: readonly string[];
  readonly chunkCount: number;
  /** tokens; null where the file does not say */
  readonly chunkSize: number | null;
  /** Cosine with a matrix of two windows that was collected with this model: over its weights, the median and the least. */
  readonly likeness: { readonly median: number; readonly least: number };
  /** It is so unlike that it may be of another model. */
  readonly suspect: boolean;
}

/** How the decision was taken. */
export interface Decision {
  readonly mode: SelectMode;
  /** One-sided, such as 0.95. */
  readonly confidence: number;
  /** Error rate of this decision: what the confidence leaves, divided by the planned number of decisions. */
  readonly alpha: number;
  readonly plannedReruns: number;
  readonly looks: readonly LookRule[];
  /** What earlier decisions on any of the same text spent. */
  readonly ledger: Ledger;
  /** Units of all candidates that were measured, and that measuring everything would have taken. */
  readonly cost: { readonly units: number; readonly all: number };
}

export interface Ledger {
  /** The error rate was used up before: the stated confidence does not hold for this decision. */
  readonly exploratory: boolean;
  /** Other decisions on any of the same units with the same model, the oldest first. */
  readonly earlier: readonly { readonly decision: Digest; readonly pipeline: string; readonly alpha: number }[];
  /** Sum of what the earlier ones spent. */
  readonly spent: number;
}

export interface ReportedDomain {
  readonly domain: string;
  /** Units that the full-precision model was measured on, and its perplexity there. */
  readonly units: number;
  readonly ppl: number;
  /** What the full-precision model measures against itself on the first look. */
  readonly noise: Readonly<Record<Measure, number>>;
}

export interface Choice {
  readonly type: string;
  /** Name of the file in the results' folder. */
  readonly file: string;
  readonly bytes: number;
  readonly sha256: Digest;
}

export interface ReportedCandidate extends Candidate {
  /** Null when the file was not built. */
  readonly sha256: Digest | null;
  /** Tensors that llama-quantize could not give the asked type, by the type they got. */
  readonly fallbacks: Readonly<Record<string, number>>;
  /** What stands in the header of the file, by key; empty when it was not built. */
  readonly provenance: Readonly<Record<string, string>>;
  /** Key of the step that made the file; null when it was not built. */
  readonly stepKey: Key | null;
  /** Largest 99th percentile of the KL divergence of a token over the shards, where the pipeline asks for it; nats. */
  readonly p99Kld?: { readonly value: number; readonly warn: number };
}

export interface ModelFacts {
  readonly sha256: Digest;
  readonly bytes: number;
  /** File name without folders. */
  readonly file: string;
  /** Of a model in several files all of them, in order: digest and name above are then those of the first. */
  readonly parts?: readonly { readonly sha256: Digest; readonly bytes: number; readonly file: string }[];
  readonly name: string | null;
  readonly architecture: string;
  /** The type that most of the weights have. */
  readonly fileType: string;
  readonly tensors: number;
  readonly parameters: number;
  readonly contextLength: number | null;
  readonly vocabulary: number;
  readonly stated: StatedFacts;
}

/** What the header of the model says of its origin, unchecked; null and empty where it says nothing. */
export interface StatedFacts {
  readonly license: string | null;
  readonly licenseName: string | null;
  readonly licenseLink: string | null;
  /** Address of the model's repository. */
  readonly repository: string | null;
  readonly tags: readonly string[];
  readonly languages: readonly string[];
}

export interface CorpusFacts {
  /** Of `corpus/manifest.json`, which names every text and every document. */
  readonly manifest: Digest;
  /** Over the calibration texts: what stands in the quants as `pipeline.corpus.sha256`. */
  readonly calibration: Digest;
  readonly sources: readonly ReportedSource[];
  /** Held-out documents that shared a run of words with calibration text. */
  readonly overlap: {
    /** length of a run */
    readonly words: number;
    readonly checked: number;
    readonly dropped: number;
    /** runs that are boilerplate */
    readonly exempt: number;
  };
  readonly search: { readonly units: number; readonly documents: number; readonly sha256: Digest };
  /** Units of the holdout of which more than a twentieth of the tokens belongs to a neighbour. */
  readonly foreignUnits: number;
}

export interface ReportedSource {
  readonly id: string;
  readonly domain: string;
  readonly share: number;
  readonly license: string | null;
  readonly holdoutOnly: boolean;
  /** Documents read, and those left after cleaning. */
  readonly documents: number;
  readonly kept: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly masked: Readonly<Record<string, number>>;
  readonly boilerplateLines: number;
  /** `wanted`: windows that its share comes to. */
  readonly calibration: {
    readonly documents: number;
    readonly wanted: number;
    readonly chunks: number;
    readonly tokens: number;
  };
}

/** One tool run, with role names instead of paths. */
export interface Command {
  readonly step: StepId;
  readonly tool: string;
  /** `{threads}` stands for the number of threads, which changes no result. */
  readonly argv: readonly string[];
  /** File name in the command's own directory → the file it is. */
  readonly inputs: Readonly<Record<string, CommandInput>>;
  /** Files the command writes, with the digest they must have (null where the tool's own file is not kept). */
  readonly outputs: Readonly<Record<string, Digest | null>>;
}

export type CommandInput =
  /** The full-precision model; of several files the one of that number, from 1. */
  | { readonly from: "model"; readonly part?: number }
  /** A text in the results' `corpus` folder. */
  | { readonly from: "corpus"; readonly file: string }
  /** A file in the results' folder. */
  | { readonly from: "result"; readonly file: string }
  /** What an earlier command wrote. */
  | { readonly from: "command"; readonly step: StepId; readonly file: string };
