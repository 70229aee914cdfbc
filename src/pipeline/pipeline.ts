import type { MatrixName } from "../base/matrix-names.ts";
import type { SelectMode } from "../base/select-mode.ts";

/** A pipeline file after every check: units are numbers, paths absolute, globs resolved, defaults applied. */
export interface Pipeline {
  readonly name: string;
  /** Absolute path of the YAML file. */
  readonly file: string;
  /** Absolute path of the full-precision GGUF, where it is or will be; of several files the first one. */
  readonly model: string;
  /** Precision to which the model is brought to be measured against; absent: it is measured as it is. */
  readonly baseline?: "f16" | "bf16" | "q8_0";
  /** What the model is made of; absent for one file of the user's. */
  readonly modelSource?: ModelSource;
  readonly llamaCpp: {
    /** Range in npm's notation, such as `>=0.5`. */
    readonly version: string;
    readonly backend: Backend;
  };
  readonly corpus: {
    readonly seed: number;
    /** Units of each gated domain that are kept for tuning; never calibrated on, never certified on. */
    readonly searchUnits: number;
    /** Whether a source that cannot fill its share ends the run, or gives what it has. */
    readonly short: (typeof shortWays)[number];
    /** Part of the held-out documents that may be dropped because they share 13 words with calibration, 0 to 1. */
    readonly overlapLimit: number;
    readonly hygiene: Hygiene;
    readonly sources: readonly Source[];
  };
  readonly imatrix: {
    /** Windows of `context` tokens that it stands for, over all sources. */
    readonly chunks: number;
    /** Windows that each source's own matrix is collected from, at most. */
    readonly perSource: number;
    /** n_ctx, tokens */
    readonly context: number;
    /** Null: only told. */
    readonly coverage: Coverage | null;
    /** Absolute path of a matrix that is used instead of one of our own; null: none. */
    readonly import: string | null;
  };
  readonly quantize: {
    readonly types: readonly QuantType[];
    /** What becomes of types that another listed type beats by rule. */
    readonly dominated: (typeof dominatedWays)[number];
  };
  readonly validate: {
    /** The gated domains, whose held-out text decides: in the order in which they are written, each once. */
    readonly domains: readonly string[];
    /** Units in the holdout of each gated domain. */
    readonly units: number;
    /** Tokens in a unit; a multiple of `context`. */
    readonly unit: number;
    /** n_ctx, tokens */
    readonly context: number;
    readonly kv: CacheType;
    /** Bytes that base logits may take at once; null: no limit. */
    readonly logitsDisk: number | null;
  };
  readonly select: {
    readonly mode: SelectMode;
    /** Decisions on the same holdout that are planned besides this one: the error rate is divided by one more. */
    readonly plannedReruns: number;
    /** One a gated domain, in the order of `validate.domains`, all with one confidence: the decision is one. */
    readonly tolerances: readonly DomainTolerance[];
    /** What the report warns of, without a part in the decision. */
    readonly warn: {
      /** 99th percentile of the KL divergence of single tokens, nats. */
      readonly p99Kld: number | null;
    };
  };
  /** Importance matrices to compare; absent where the file names none. */
  readonly ablation?: Ablation;
  /** What the choice is to run on; null where the file does not say. */
  readonly fit: FitSettings | null;
  /** What the model card says besides what was measured; null where the file says nothing. */
  readonly card: {
    /** A repository of the Hugging Face Hub, `owner/name`. */
    readonly baseModel: string | null;
    readonly quantizedBy: string | null;
    readonly license: string | null;
    readonly tags: readonly string[];
  };
  readonly timeouts: {
    /** Seconds without output and without processor time after which a tool is ended. */
    readonly stall: number;
  };
}

/** Which importance matrices are compared, and in which types. */
export interface Ablation {
  /** In the order of `matrixNames`, each once. */
  readonly matrices: readonly MatrixName[];
  /** Types of the ladder on which a matrix has an effect, in its order, */
  readonly types: readonly QuantType[];
  /** and whether the type that is chosen comes besides, where it is none of these. */
  readonly chosen: boolean;
}

/** A GPU by its name, a size of memory, or both: the size goes first. */
export interface FitSettings {
  readonly gpu: string | null;
  /** bytes */
  readonly vram: number | null;
  /** Bytes that stay free; null: as in llama.cpp. */
  readonly reserve: number | null;
  /** The longest that fits, of so many tokens of one sequence at least. */
  readonly context: "max" | { readonly min: number };
  /** The validated type first, each once. */
  readonly kv: readonly CacheType[];
  /** Sequences at once. */
  readonly parallel: number;
  /** The choice is loaded, and what llama.cpp allocates compared. */
  readonly verify: boolean;
}

/** How much text must have reached each weight. */
export interface Coverage {
  readonly minTokens: number;
  /** Part of the experts of a weight that may have less, 0 to 1. */
  readonly experts: number;
  /** Sources that give more text where there is too little. */
  readonly topUp: readonly string[];
  /** Type that weights with too little get instead of a failure; null: they fail. */
  readonly pin: PinType | null;
}

/** Types that need no importance matrix and lose little. */
export const pinTypes = ["F16", "Q8_0", "Q6_K", "Q5_K", "Q4_K"] as const;
export type PinType = (typeof pinTypes)[number];

export const backends = ["auto", "cpu", "cuda", "metal", "vulkan"] as const;
export type Backend = (typeof backends)[number];

export const cacheTypes = ["f32", "f16", "bf16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl"] as const;
export type CacheType = (typeof cacheTypes)[number];

/** File types of llama-quantize that a ladder may hold. */
export type QuantType = string;

export const dominatedWays = ["drop", "keep"] as const;

export const shortWays = ["refuse", "allow"] as const;
export const unreadableWays = ["refuse", "skip"] as const;

/** What is done to every text before it is used, and what is dropped. */
export interface Hygiene {
  readonly nfc: boolean;
  readonly controlCharacters: boolean;
  /** Lines repeated in many documents of a source are removed. */
  readonly boilerplate: boolean;
  /** characters */
  readonly minLength: number;
  /** characters */
  readonly maxLength: number;
  /** ISO 639-1 codes in code-unit order, each once; null keeps every language. */
  readonly languages: readonly string[] | null;
  readonly duplicates: boolean;
  readonly nearDuplicates: boolean;
  /** Keys, addresses and numbers of persons are replaced. */
  readonly secrets: boolean;
  /** What becomes of a file that is no text. */
  readonly unreadable: (typeof unreadableWays)[number];
}

/** How a file is cut into documents; `auto` goes by its name (see `formatByName`). */
export type Format = "auto" | FixedFormat;
export const fixedFormats = ["text", "lines", "jsonl", "csv"] as const;
export type FixedFormat = (typeof fixedFormats)[number];

interface SourceBase {
  readonly id: string;
  readonly domain: string;
  /**
   * Part of the calibration mix, 0 to 1; the shares of the sources that calibrate add up to 1. Of a source that is held
   * out only: its weight against the other sources of its domain in the holdout.
   */
  readonly share: number;
  readonly license: string | null;
  /** Most calibration tokens taken from the source. */
  readonly maxTokens: number | null;
  /** Never calibrates. */
  readonly holdoutOnly: boolean;
}

/** Where in a record the text is, and what keeps records together; null stands for the default of the format. */
interface Records {
  /** A dotted path (jsonl) or the name of a column (csv). */
  readonly field: string | null;
  /** The same for the value that keeps records on one side of the split; null: each record by itself. */
  readonly group: string | null;
}

export interface FilesSource extends SourceBase, Records {
  readonly kind: "files";
  /** In code-unit order of `name`, each real file once. */
  readonly files: readonly SourceFile[];
  readonly format: Format;
}
export interface GitSource extends SourceBase {
  readonly kind: "git";
  /** Absolute path of a working tree or a bare repository. */
  readonly repository: string;
  /** As it is written. */
  readonly revision: string;
  /** Hexadecimal id of the revision's tree when the pipeline was loaded. */
  readonly tree: string;
  /** Globs relative to the root of the repository. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}
export interface PromptsSource extends SourceBase {
  readonly kind: "prompts";
  /** Absolute path of the prompt grammar. */
  readonly file: string;
}
export interface ChatsSource extends SourceBase, Records {
  readonly kind: "chats";
  /** Files of JSON lines; as for a files source. */
  readonly files: readonly SourceFile[];
  /** Absolute path of a Jinja template; null: the model's own. */
  readonly template: string | null;
}
export interface CommandSource extends SourceBase, Records {
  readonly kind: "command";
  /** Program and arguments, run without a shell. */
  readonly argv: readonly string[];
  /** Files that the command reads: a change in one runs it again. */
  readonly inputs: readonly SourceFile[];
  readonly format: FixedFormat;
}
export interface StdinSource extends SourceBase, Records {
  readonly kind: "stdin";
  readonly format: FixedFormat;
  /** Where standard input was put; null until it is read. */
  readonly file: SourceFile | null;
}
export interface DatasetSource extends SourceBase {
  readonly kind: "dataset";
  /** Dotted path of the text in a row; null: `text`. */
  readonly field: string | null;
  readonly config: string | null;
  readonly split: string;
  /** Bytes of text to take; null: by what the pipeline asks of the source. */
  readonly take: number | null;
  readonly dataset: HubDataset;
}
export interface UrlSource extends SourceBase, Records {
  readonly kind: "url";
  readonly url: string;
  readonly sha256: string;
  readonly format: FixedFormat;
}
export type Source =
  FilesSource | GitSource | PromptsSource | ChatsSource | CommandSource | StdinSource | DatasetSource | UrlSource;

/** A dataset of the Hub, as it was found there. */
export interface HubDataset {
  /** As it is written, for messages. */
  readonly written: string;
  /** `owner/name` */
  readonly repository: string;
  /** The branch, tag or commit that was asked for, and the commit that it was. */
  readonly revision: string;
  readonly commit: string;
  /** As the dataset's card says; null where it does not. */
  readonly license: string | null;
  /** Whether only those may have it who asked for it. */
  readonly gated: boolean;
  /** Those of the configuration and the split, in code-unit order of their paths. */
  readonly files: readonly DatasetFile[];
}

export interface DatasetFile {
  /** In the repository, with `/`. */
  readonly path: string;
  readonly bytes: number;
  /** SHA-256; of a small one, which lies in git itself, git's object id. */
  readonly oid: string;
}

export interface SourceFile {
  /** Absolute. */
  readonly path: string;
  /** Relative to the part of the glob without wildcards, with `/`: what names the document wherever the folder lies. */
  readonly name: string;
}

/** The files of a model. */
export interface ModelSource {
  /** In the order of their numbers; nearly always one. */
  readonly files: readonly ModelFile[];
  /** Null for files that are not of the Hub. */
  readonly hub: HubOrigin | null;
}

export interface ModelFile {
  /** Absolute: where tools read it. */
  readonly path: string;
  /** Null for a file of the user's own. */
  readonly fetched: FetchedFile | null;
}

/** A file that is brought from elsewhere, and what it must be. */
export interface FetchedFile {
  /** For messages. */
  readonly what: string;
  readonly url: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Absolute path of the bytes themselves; `path` of the model's file is a link to it, or the same. */
  readonly target: string;
  /** Absolute path of the lock under which it is fetched. */
  readonly lock: string;
}

/** A model of the Hub, as it was found there. */
export interface HubOrigin {
  /** `owner/name` */
  readonly repository: string;
  /** The branch, tag or commit that was asked for, and the commit that it was. */
  readonly revision: string;
  readonly commit: string;
  /** As the model's card says; null where it does not, or was not asked. */
  readonly license: string | null;
  /** Whether only those may have it who asked for it. */
  readonly gated: boolean;
}

export interface Tolerance {
  /** A preset's name, or `custom`. */
  readonly name: string;
  /** Largest allowed relative rise of perplexity against F16, such as 0.03; null when `pplDelta` is given. */
  readonly ppl: number | null;
  /**
   * Largest allowed absolute rise of perplexity; null when `ppl` is given, which is so exactly when this is not. It
   * becomes a ratio once the perplexity of F16 is measured.
   */
  readonly pplDelta: number | null;
  /**
   * Largest allowed mean KL divergence from F16, nats per token; null, with `pplDelta` only: twice the logarithm of the
   * ratio that it becomes.
   */
  readonly kld: number | null;
  /** Least part of the tokens for which both find the same token most likely, 0 to 1; null: not gated. */
  readonly sameTop: number | null;
  /** One-sided, such as 0.95. */
  readonly confidence: number;
}

/** What one gated domain is held against. */
export interface DomainTolerance extends Tolerance {
  readonly domain: string;
}
