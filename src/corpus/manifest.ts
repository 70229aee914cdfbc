import { sha256 } from "../base/canonical.ts";
import type { Digest } from "../base/ids.ts";
import { ok, type Result } from "../base/result.ts";
import type { Tokenize, Tokens } from "./measured.ts";
import type { Packed, Piece } from "./pack.ts";

/** What lies where: written beside the texts, read by the report, and what an auditor compares. */
export interface Manifest {
  readonly schema: 1;
  readonly seed: number;
  /** The validated domain. */
  readonly domain: string;
  /** tokens of a unit */
  readonly unit: number;
  readonly sources: readonly {
    readonly id: string;
    readonly domain: string;
    readonly share: number;
    readonly read: number;
    readonly dropped: Readonly<Record<string, number>>;
  }[];
  readonly holdout: readonly DescribedText[];
  readonly search: DescribedText;
  readonly calibration: readonly (DescribedText & { readonly source: string })[];
}

export interface DescribedText {
  readonly sha256: Digest;
  readonly bytes: number;
  /** By the model's tokenizer, BOS included. */
  readonly tokens: number;
  readonly documents: number;
  /** Whether token positions are exact, or estimated because the pieces of the vocabulary do not give back the text. */
  readonly positions: "exact" | "estimated";
  /** Empty for calibration text, which is not packed in units. */
  readonly units: readonly DescribedUnit[];
}

export interface DescribedUnit {
  /** SHA-256 of its token ids: the same unit has the same digest in every run and pipeline. */
  readonly sha256: Digest;
  readonly documents: readonly { readonly source: string; readonly name: string }[];
  /** Tokens of documents that were packed for another unit. */
  readonly foreignTokens: number;
}

export interface PackedText {
  readonly text: string;
  readonly described: DescribedText;
}

/** Tokenizes a packed text and says what it holds. */
export const describeText = async (packed: Packed, tokenize: Tokenize): Promise<Result<PackedText>> => {
  const tokens = await tokenize(packed.text);
  return tokens.ok ? ok({ text: packed.text, described: describe(packed, tokens.value, []) }) : tokens;
};

/** The same for a text that was packed in units, each of which is described. */
export const listUnits = async (
  packed: Packed,
  count: number,
  unit: number,
  tokenize: Tokenize,
): Promise<Result<PackedText>> => {
  const tokens = await tokenize(packed.text);
  if (!tokens.ok) return tokens;
  const units = Array.from({ length: count }, (_, index) => describeUnit(packed.pieces, tokens.value, index, unit));
  return ok({ text: packed.text, described: describe(packed, tokens.value, units) });
};

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
  units,
});

const describeUnit = (pieces: readonly Piece[], { ids, ends }: Tokens, index: number, unit: number): DescribedUnit => {
  const [first, last] = [index * unit, (index + 1) * unit];
  const start = first === 0 ? 0 : (ends[first - 1] ?? 0);
  // The last unit of a text may be a token short, where the separator at its end was taken off.
  const stop = ends[Math.min(last, ends.length) - 1] ?? 0;
  const inside = pieces.filter((piece) => piece.end > start && piece.start < stop);
  const foreign = inside.filter((piece) => piece.unit !== index);
  return {
    sha256: sha256(ids.subarray(first, last).join(",")),
    documents: inside.map(({ source, name }) => ({ source, name })),
    foreignTokens: ends.subarray(first, last).filter((end) => foreign.some((p) => end > p.start && end <= p.end))
      .length,
  };
};
