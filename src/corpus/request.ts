import type { Reading } from "./reading.ts";
import type { Tokenize } from "./measured.ts";

/** What a pipeline asks of its corpus. Tokens are the model's own. */
export interface CorpusRequest {
  readonly seed: number;
  readonly sources: readonly CorpusSource[];
  readonly calibration: readonly CalibrationRequest[];
  /** n_ctx of calibration */
  readonly calibrationContext: number;
  /** The domains that are validated, each once. */
  readonly domains: readonly string[];
  /** The shards of the holdout in their order, each of one of these domains. */
  readonly shards: readonly { readonly domain: string; readonly units: number }[];
  /** Units of the search split for each of these domains. */
  readonly searchUnits: number;
  /** Whether a spare window ends the search split, as it does each shard: it will be measured. */
  readonly spareSearch?: boolean;
  /** tokens */
  readonly unit: number;
  readonly hygiene: Hygiene;
  /** What becomes of a source that has less text than its share: the step fails, or it gives what it has. */
  readonly short: "refuse" | "allow";
  /** Most of the held-out documents that may share text with calibration, 0 to 1. */
  readonly overlapLimit: number;
  /** Whole units in proportion to shares: how windows are divided everywhere in a pipeline. */
  readonly apportion: (total: number, shares: readonly number[]) => number[];
}

/** Calibration text of a source, in windows. */
export interface CalibrationRequest {
  readonly id: string;
  /** What its share comes to: the least that it must give. */
  readonly chunks: number;
  /** What it gives where it can. Default: `chunks`. */
  readonly most?: number;
  /** What it gives besides, into a text of its own, as far as it can. Default: nothing. */
  readonly topUp?: number;
}

/** A source as far as it is read here: where its bytes lie is the business of whoever made `read`. */
export interface CorpusSource {
  readonly id: string;
  readonly domain: string;
  /** Part of the calibration mix; of the holdout for a source that never calibrates. */
  readonly share: number;
  readonly license: string | null;
  readonly holdoutOnly: boolean;
  /** Prompts and chats keep repeated lines and near copies: traffic has them too. */
  readonly kind: "texts" | "prompts" | "chats";
  /** False for a source with too few groups to divide: it calibrates as a whole. */
  readonly divisible: boolean;
  /** How often each group takes its turn in calibration; the others follow one another group by group. */
  readonly turns?: ReadonlyMap<string, number>;
  /** Bytes that will be read, as far as they are known, for progress. */
  readonly bytes: number;
  readonly read: () => AsyncIterable<readonly Reading[]> | Iterable<readonly Reading[]>;
}

/** Switches and limits of the cleaning. */
export interface Hygiene {
  readonly nfc: boolean;
  readonly controlCharacters: boolean;
  readonly boilerplate: boolean;
  /** UTF-16 code units */
  readonly minLength: number;
  readonly maxLength: number;
  /** ISO 639-1 codes of the languages that are kept; null keeps all. */
  readonly languages: readonly string[] | null;
  readonly duplicates: boolean;
  readonly nearDuplicates: boolean;
  readonly secrets: boolean;
  readonly unreadable: "refuse" | "skip";
}

/** What the assembly needs of the world. */
export interface CorpusTools {
  readonly tokenize: Tokenize;
  /** Where temporary files may lie: the beginning of their path. */
  readonly spool: string;
  /** Called when a part of the work begins. */
  readonly stage?: (name: Stage) => void;
  /** Bytes of work done, of how many. */
  readonly progress: (done: number, total: number) => void;
  readonly cancel: AbortSignal;
}

/** The parts of an assembly, in their order; `overlap` and `pack` take turns until nothing is shared. */
export type Stage = "read" | "compare" | "overlap" | "pack";
