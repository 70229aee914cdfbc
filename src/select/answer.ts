import type { Digest, StepId } from "../base/ids.ts";
import type { NumericClass } from "../base/tool.ts";
import type { Candidate } from "./choose.ts";
import type { Limits } from "./verdict.ts";

/**
 * `report.json`: the answer and its evidence. No clocks, no absolute paths, no cache hits: the same inputs give the
 * same bytes on every machine of one numeric class. Everything else that is shown is rendered from it.
 */
export interface Answer {
  readonly schemaVersion: 2;
  readonly pipeline: string;
  readonly seed: number;
  readonly choice: Choice | null;
  /** The first candidate below the choice that did not pass. */
  readonly refused: string | null;
  readonly tolerance: {
    readonly name: string;
    /** allowed relative rise of perplexity */
    readonly ppl: number;
    /** allowed mean KL divergence, nats a token */
    readonly kld: number;
    readonly confidence: number;
  };
  readonly limits: Limits;
  /** From the largest file to the smallest. */
  readonly candidates: readonly ReportedCandidate[];
  readonly model: ModelFacts;
  readonly holdout: {
    readonly domain: string;
    readonly units: number;
    /** tokens of a unit, and how many of them are scored: the second half of each window */
    readonly unitTokens: number;
    readonly scoredTokens: number;
    readonly context: number;
    readonly kv: string;
    readonly shards: readonly { readonly units: number; readonly sha256: Digest }[];
    /** Perplexity of the full-precision model on it. */
    readonly ppl: number;
  };
  readonly imatrix: {
    readonly sha256: Digest;
    readonly chunks: number;
    readonly context: number;
    readonly sources: readonly { readonly id: string; readonly chunks: number; readonly sha256: Digest }[];
  };
  readonly corpus: CorpusFacts;
  readonly llamaCpp: {
    readonly version: string;
    /** over the identities of all tools */
    readonly digest: Digest;
    readonly numeric: NumericClass;
  };
  /** The commands that rebuild the choice and measure it again, in order. */
  readonly reproduce: readonly Command[];
  /** How each kind of number came to be. */
  readonly origins: Readonly<Record<string, "measured" | "derived" | "estimated">>;
}

export interface Choice {
  readonly type: string;
  /** Name of the file in the results' folder. */
  readonly file: string;
  readonly bytes: number;
  readonly sha256: Digest;
}

export interface ReportedCandidate extends Candidate {
  readonly sha256: Digest;
  /** Tensors that llama-quantize could not give the asked type, by the type they got. */
  readonly fallbacks: Readonly<Record<string, number>>;
}

export interface ModelFacts {
  readonly sha256: Digest;
  readonly bytes: number;
  /** File name without folders. */
  readonly file: string;
  readonly name: string | null;
  readonly architecture: string;
  /** The type that most of the weights have. */
  readonly fileType: string;
  readonly tensors: number;
  readonly parameters: number;
  readonly contextLength: number | null;
  readonly vocabulary: number;
}

export interface CorpusFacts {
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
  /** The full-precision model. */
  | { readonly from: "model" }
  /** A text in the results' `corpus` folder. */
  | { readonly from: "corpus"; readonly file: string }
  /** What an earlier command wrote. */
  | { readonly from: "command"; readonly step: StepId; readonly file: string };
