import { sha256 } from "../base/canonical.ts";
import type { Digest } from "../base/ids.ts";
import { ok, type Result } from "../base/result.ts";
import type { Overlap } from "./decontaminate.ts";
import type { Tokenize, Tokens } from "./measured.ts";
import type { Packed, Piece } from "./pack.ts";

/** What lies where, and what was counted on the way: written beside the texts, and what an auditor compares. */
export interface Manifest {
  readonly schema: 3;
  readonly seed: number;
  /** The validated domains. */
  readonly domains: readonly string[];
  /** tokens of a unit */
  readonly unit: number;
  readonly sources: readonly SourceFacts[];
  readonly overlap: Overlap;
  /** One for each validated domain, in their order. */
  readonly capacity: readonly Capacity[];
  /** Shard after shard. */
  readonly holdout: readonly (DescribedText & { readonly domain: string })[];
  readonly search: DescribedText;
  readonly calibration: readonly CalibratingText[];
  /** More of the sources that are asked where too little text reaches a weight. */
  readonly topUp?: readonly CalibratingText[];
}

export interface CalibratingText extends DescribedText {
  readonly source: string;
  /** Windows in it. */
  readonly chunks: number;
}

/** Units that the text of a domain could give if none of it calibrated. */
export interface Capacity {
  readonly domain: string;
  readonly units: number;
  readonly origin: "estimated";
}

export interface SourceFacts {
  readonly id: string;
  readonly domain: string;
  readonly share: number;
  readonly license: string | null;
  readonly holdoutOnly: boolean;
  /** Documents that it gave, and those that were left after cleaning. */
  readonly read: number;
  readonly kept: number;
  /** bytes of what was left */
  readonly bytes: number;
  /** Documents by the reason for which they are not used. */
  readonly dropped: Readonly<Record<string, number>>;
  /** Secrets that were replaced, by kind. */
  readonly masked: Readonly<Record<string, number>>;
  /** Lines removed because many documents have them. */
  readonly boilerplateLines: number;
  /** Documents by language, among those that were looked at; `und` where it cannot be told. */
  readonly languages: Readonly<Record<string, number>>;
  /** Windows of calibration text: what its share comes to, the most that it gives, and what it gave. */
  readonly windows: { readonly wanted: number; readonly most: number; readonly got: number };
}

export interface DescribedText {
  readonly sha256: Digest;
  readonly bytes: number;
  /** By the model's tokenizer, BOS included. */
  readonly tokens: number;
  readonly documents: number;
  /** Whether token positions are exact, or estimated because the pieces of the vocabulary do not give back the text. */
  readonly positions: "exact" | "estimated";
  /** Units of which more than a twentieth of the tokens belongs to documents that were packed for another one. */
  readonly foreignUnits: number;
  /** Empty for calibration text, which is not packed in units. */
  readonly units: readonly DescribedUnit[];
}

export interface DescribedUnit {
  /** The domain that it was packed for. */
  readonly domain: string;
  /** SHA-256 of its token ids: the same unit has the same digest in every run and pipeline. */
  readonly sha256: Digest;
  /** By the model's tokenizer; the last unit of a text may be one short. */
  readonly tokens: number;
  readonly documents: readonly { readonly source: string; readonly name: string }[];
  /** Tokens of documents that were packed for another unit. */
  readonly foreignTokens: number;
}

export interface PackedText {
  readonly text: string;
  readonly described: DescribedText;
}

/** A shard of the holdout: text of one domain. */
export interface HoldoutText extends PackedText {
  readonly domain: string;
}

/** Tokenizes a packed text and says what it holds. */
export const describeText = async (packed: Packed, tokenize: Tokenize): Promise<Result<PackedText>> => {
  const tokens = await tokenize(packed.text);
  return tokens.ok ? ok({ text: packed.text, described: describe(packed, tokens.value, []) }) : tokens;
};

/**
 * The same for a text that was packed in units, each of which is described.
 * @param domains of the units, in their order
 */
export const listUnits = async (
  packed: Packed,
  domains: readonly string[],
  unit: number,
  tokenize: Tokenize,
): Promise<Result<PackedText>> => {
  const tokens = await tokenize(packed.text);
  if (!tokens.ok) return tokens;
  const units = domains.map((domain, index) => ({
    domain,
    ...describeUnit(packed.pieces, tokens.value, index, unit),
  }));
  return ok({ text: packed.text, described: describe(packed, tokens.value, units) });
};

/** Part of a unit's tokens that may come from its neighbours without a remark. */
const foreignLimit = 0.05;

const describe = (
  { text, pieces }: Packed,
  { ids, exact }: Tokens,
  units: readonly DescribedUnit[],
): DescribedText => ({
  sha256: sha256(text),
  bytes: Buffer.byteLength(text),
  tokens: ids.length,
  documents: new Set(pieces.map(({ source, name }) => `${source}\n${name}`)).size,
  positions: exact ? "exact" : "estimated",
  foreignUnits: units.filter(({ foreignTokens, tokens }) => foreignTokens > foreignLimit * tokens).length,
  units,
});

const describeUnit = (
  pieces: readonly Piece[],
  { ids, ends }: Tokens,
  index: number,
  unit: number,
): Omit<DescribedUnit, "domain"> => {
  const [first, last] = [index * unit, (index + 1) * unit];
  const start = first === 0 ? 0 : (ends[first - 1] ?? 0);
  // The last unit of a text may be a token short, where the separator at its end was taken off.
  const stop = ends[Math.min(last, ends.length) - 1] ?? 0;
  const inside = pieces.filter((piece) => piece.end > start && piece.start < stop);
  const foreign = inside.filter((piece) => piece.unit !== index);
  return {
    sha256: sha256(ids.subarray(first, last).join(",")),
    tokens: Math.min(last, ids.length) - first,
    documents: inside.map(({ source, name }) => ({ source, name })),
    foreignTokens: ends.subarray(first, last).filter((end) => foreign.some((p) => end > p.start && end <= p.end))
      .length,
  };
};
