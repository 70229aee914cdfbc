import { err, ok, type Result } from "../base/result.ts";
import { describeText, type PackedText } from "./manifest.ts";
import type { Measures } from "./measures.ts";
import { packUnits } from "./pack.ts";
import type { CorpusRequest } from "./request.ts";
import type { TextStream } from "./streams.ts";
import type { Tokenize } from "./measured.ts";

/** Calibration text of one source. */
export interface CalibrationText extends PackedText {
  /** Whole windows in it: fewer than `most` where the source has no more. */
  readonly chunks: number;
}

/** The same with the documents that were not packed, in their order. */
export interface PackedCalibration {
  readonly text: CalibrationText;
  readonly rest: readonly number[];
}

/** The tools refuse a text shorter than two windows, even when only one is asked for. */
const fewestWindows = 2;

export const calibrationTokens = ({ calibrationContext }: CorpusRequest, chunks: number): number =>
  Math.max(chunks, fewestWindows) * calibrationContext;

export interface CalibrationOptions {
  readonly request: CorpusRequest;
  readonly source: string;
  /** Windows that it gives at least, unless it is short and may be, */
  readonly least: number;
  /** and at most. */
  readonly most: number;
  /** Documents in the order in which they are packed. */
  readonly documents: readonly number[];
  /** A new stream over them from the start. */
  readonly stream: () => TextStream;
  readonly measures: Measures;
  readonly tokenize: Tokenize;
}

/**
 * Packs until the finished text really has as many tokens as are wanted: a tool that gets fewer computes a window less.
 * Where the source has no more, as many whole windows as it gives.
 */
export const packCalibration = async (options: CalibrationOptions): Promise<Result<PackedCalibration>> => {
  const { request, least, most, source } = options;
  const full = await packTokens(options, calibrationTokens(request, most));
  if (!full.ok) return full;
  if (full.value.text !== undefined) return ok(packedText(full.value.text, most));
  const { available } = full.value;
  const fewest = request.short === "allow" ? fewestWindows : Math.max(least, fewestWindows);
  // The last window may turn out a few tokens short, because white space at the end of a text is taken off.
  for (let whole = Math.floor(available / request.calibrationContext); whole >= fewest; whole -= 1) {
    const less = await packTokens(options, whole * request.calibrationContext);
    if (!less.ok) return less;
    if (less.value.text !== undefined) return ok(packedText(less.value.text, Math.min(whole, most)));
  }
  const wanted = calibrationTokens(request, least);
  return err({ reason: "corpus-short", source, split: "calibration", wanted, available });
};

/** What a source gives besides, of the documents that are left; nothing where that is less than a tool takes. */
export const packTopUp = async (options: Omit<CalibrationOptions, "least">): Promise<Result<CalibrationText>> => {
  const request: CorpusRequest = { ...options.request, short: "allow" };
  const packed = await packCalibration({ ...options, request, least: 0 });
  if (packed.ok) return ok(packed.value.text);
  if (packed.error.reason !== "corpus-short") return packed;
  const nothing = await describeText({ text: "", pieces: [], missing: undefined }, noTokens);
  return nothing.ok ? ok({ ...nothing.value, chunks: 0 }) : nothing;
};

/** The tools take an empty text for none at all. */
const noTokens: Tokenize = () => Promise.resolve(ok({ ids: new Int32Array(), ends: new Uint32Array(), exact: true }));

type Packed = PackedText & { readonly rest: readonly number[] };

const packedText = ({ rest, ...text }: Packed, chunks: number): PackedCalibration => ({
  text: { ...text, chunks },
  rest,
});

interface Attempt {
  readonly text: Packed | undefined;
  /** tokens */
  readonly available: number;
}

const packTokens = async (options: CalibrationOptions, wanted: number): Promise<Result<Attempt>> => {
  const { measures, documents, tokenize, stream } = options;
  let available: number | undefined;
  for (let target = wanted, from = 0; ;) {
    const bytes = target * (measures.bytesPerToken() ?? 4);
    const packed = packUnits([stream()], target, 1);
    const { starved, tokens } = packed.missing ?? {};
    if (starved !== undefined) {
      from = documents.indexOf(starved, from);
      const ahead = Math.max(bytes - (tokens ?? 0) * (measures.bytesPerToken() ?? 4), bytes / 8);
      const more = await measures.add([{ documents: documents.slice(from), bytes: ahead }]);
      if (!more.ok) return more;
      continue;
    }
    if (tokens !== undefined) return ok({ text: undefined, available: available ?? tokens });
    const text = await describeText(packed, tokenize);
    if (!text.ok) return text;
    const rest = documents.slice(documents.indexOf(packed.pieces.at(-1)?.document ?? -1) + 1);
    available = text.value.described.tokens;
    if (available >= wanted) return ok({ text: { ...text.value, rest }, available });
    target += wanted - available;
  }
};
