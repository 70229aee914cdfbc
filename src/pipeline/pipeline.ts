/** A pipeline file after every check: units are numbers, paths absolute, globs resolved, defaults applied. */
export interface Pipeline {
  readonly name: string;
  /** Absolute path of the YAML file. */
  readonly file: string;
  /** Absolute path of the full-precision GGUF. */
  readonly model: string;
  readonly llamaCpp: {
    /** Range in npm's notation, such as `>=0.5`. */
    readonly version: string;
    readonly backend: Backend;
  };
  readonly corpus: {
    readonly seed: number;
    /** Units of the validated domain that are kept for tuning; never calibrated on, never certified on. */
    readonly searchUnits: number;
    readonly sources: readonly Source[];
  };
  readonly imatrix: {
    /** Windows of `context` tokens, over all sources. */
    readonly chunks: number;
    /** n_ctx, tokens */
    readonly context: number;
  };
  readonly quantize: { readonly types: readonly QuantType[] };
  readonly validate: {
    readonly domain: string;
    /** Units in the holdout. */
    readonly units: number;
    /** Tokens in a unit; a multiple of `context`. */
    readonly unit: number;
    /** n_ctx, tokens */
    readonly context: number;
    readonly kv: CacheType;
  };
  readonly select: { readonly tolerance: Tolerance };
  readonly timeouts: {
    /** Seconds without output and without processor time after which a tool is ended. */
    readonly stall: number;
  };
}

export const backends = ["auto", "cpu", "cuda", "metal", "vulkan"] as const;
export type Backend = (typeof backends)[number];

export const cacheTypes = ["f32", "f16", "bf16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl"] as const;
export type CacheType = (typeof cacheTypes)[number];

/** File types of llama-quantize that a ladder may hold. */
export type QuantType = string;

interface SourceBase {
  readonly id: string;
  readonly domain: string;
  /** Part of the calibration mix, 0 to 1; the shares of a pipeline add up to 1. */
  readonly share: number;
}
export interface FilesSource extends SourceBase {
  readonly kind: "files";
  /** In code-unit order of `name`. */
  readonly files: readonly SourceFile[];
}
export interface PromptsSource extends SourceBase {
  readonly kind: "prompts";
  /** Absolute path of the prompt grammar. */
  readonly file: string;
}
export type Source = FilesSource | PromptsSource;

export interface SourceFile {
  /** Absolute. */
  readonly path: string;
  /** Relative to the part of the glob without wildcards, with `/`: what names the document wherever the folder lies. */
  readonly name: string;
}

export interface Tolerance {
  /** A preset's name, or `custom`. */
  readonly name: string;
  /** Largest allowed relative rise of perplexity against F16, such as 0.03. */
  readonly ppl: number;
  /** Largest allowed mean KL divergence from F16, nats per token. */
  readonly kld: number;
  /** One-sided, such as 0.95. */
  readonly confidence: number;
}
