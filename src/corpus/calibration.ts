import { err, ok, type Result } from "../base/result.ts";
import { describeText, type PackedText } from "./manifest.ts";
import type { Measures } from "./measures.ts";
import { packUnits } from "./pack.ts";
import type { CorpusRequest } from "./request.ts";
import type { TextStream } from "./streams.ts";
import type { Tokenize } from "./measured.ts";

/** Calibration text of one source. */
export interface CalibrationText extends PackedText {
  /** Whole windows in it: fewer than planned where the source is short and may be. */
  readonly chunks: number;
}

/** The tools refuse a text shorter than two windows, even when only one is asked for. */
const fewestWindows = 2;

export const calibrationTokens = ({ calibrationContext }: CorpusRequest, chunks: number): number =>
  Math.max(chunks, fewestWindows) * calibrationContext;

export interface CalibrationOptions {
  readonly request: CorpusRequest;
  readonly source: string;
  /** Windows that are wanted. */
  readonly chunks: number;
  /** Documents in the order in which they are packed. */
  readonly documents: readonly number[];
  /** A new stream over them from the start. */
  readonly stream: () => TextStream;
  readonly measures: Measures;
  readonly tokenize: Tokenize;
}

/**
 * Packs until the finished text really has as many tokens as are wanted: a tool that gets fewer computes a window less.
 * Where the source is short and may be, as many whole windows as it gives.
 */
export const packCalibration = async (options: CalibrationOptions): Promise<Result<CalibrationText>> => {
  const { request, chunks, source } = options;
  const wanted = calibrationTokens(request, chunks);
  const full = await packTokens(options, wanted);
  if (!full.ok) return full;
  if (full.value.text !== undefined) return ok({ ...full.value.text, chunks });
  const { available } = full.value;
  // The last window may turn out a few tokens short, because white space at the end of a text is taken off.
  const most = request.short === "allow" ? Math.floor(available / request.calibrationContext) : 0;
  for (let whole = most; whole >= fewestWindows; whole -= 1) {
    const less = await packTokens(options, whole * request.calibrationContext);
    if (!less.ok) return less;
    if (less.value.text !== undefined) return ok({ ...less.value.text, chunks: whole });
  }
  return err({ reason: "corpus-short", source, split: "calibration", wanted, available });
};

interface Attempt {
  readonly text: PackedText | undefined;
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
    if (text.value.described.tokens >= wanted) return ok({ text: text.value, available: text.value.described.tokens });
    available = text.value.described.tokens;
    target += wanted - available;
  }
};
