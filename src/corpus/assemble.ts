import type { Failure } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import { interleave } from "./interleave.ts";
import { describeText, listUnits, type Manifest, type PackedText } from "./manifest.ts";
import { measure, type MeasuredDocument, type Tokenize } from "./measured.ts";
import { DocumentStream, packUnits, withSpareWindow, type Packed } from "./pack.ts";
import { canHoldOut, expandPrompts, readFiles, type RawSource, type SplitSource } from "./sources.ts";
import type { Document, Split } from "./document.ts";

/** What a pipeline asks of its corpus. Tokens are the model's own. */
export interface CorpusRequest {
  readonly seed: number;
  readonly sources: readonly RawSource[];
  /** Windows of calibration text, by source. */
  readonly calibration: readonly { readonly id: string; readonly chunks: number }[];
  /** n_ctx of calibration */
  readonly calibrationContext: number;
  /** The domain that is validated. */
  readonly domain: string;
  /** Units of each shard of the holdout. */
  readonly shards: readonly number[];
  readonly searchUnits: number;
  /** tokens */
  readonly unit: number;
  /** Whole units in proportion to shares: how windows are divided everywhere in a pipeline. */
  readonly apportion: (total: number, shares: readonly number[]) => number[];
}

export interface Corpus {
  readonly calibration: ReadonlyMap<string, PackedText>;
  readonly holdout: readonly PackedText[];
  readonly search: PackedText;
  readonly manifest: Manifest;
}

/**
 * Sources → texts. The holdout takes its documents first, then the search split, then calibration, each document on
 * one side only; packed in whole units of the model's tokens, and described from the finished texts' own tokenization.
 */
export const assemble = async (request: CorpusRequest, tokenize: Tokenize): Promise<Result<Corpus>> => {
  const needs = tokenNeeds(request);
  const unfit = findUnfit(request);
  if (unfit !== undefined) return err(unfit);
  const sources = gather(request, needs);
  if (!sources.ok) return sources;
  const streams = await openStreams(sources.value, tokenize);
  if (!streams.ok) return streams;
  const { holdout, search } = validationUnits(request, streams.value);
  let from = 0;
  const shards = request.shards.map((units) => {
    const shard = packUnits(holdout.slice(from, from + units), request.unit, 1);
    from += units;
    return shard;
  });
  const packedSearch = packUnits(search, request.unit, 1);
  const short =
    findShort("holdout", holdout, shards, request.shards, request.unit) ??
    findShort("search", search, [packedSearch], [request.searchUnits], request.unit);
  if (short !== undefined) return err(short);
  const calibration = await packCalibration(request, streams.value, tokenize);
  if (!calibration.ok) return calibration;
  return finish(request, sources.value, { shards, search: packedSearch, calibration: calibration.value }, tokenize);
};

type Needs = ReadonlyMap<string, Readonly<Record<Split, number>>>;
type Streams = ReadonlyMap<string, Readonly<Record<Split, DocumentStream>>>;

const isValidated = (request: CorpusRequest, source: RawSource): boolean =>
  source.domain === request.domain && canHoldOut(source);

/** Units of each validated source, in proportion to its share of the mix. */
const unitsBySource = (request: CorpusRequest, units: number): Map<string, number> => {
  const sources = request.sources.filter((source) => isValidated(request, source));
  const shares = sources.map(({ share }) => share);
  const counts = request.apportion(units, shares.some((share) => share > 0) ? shares : shares.map(() => 1));
  return new Map(sources.map(({ id }, index) => [id, counts[index] ?? 0]));
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const tokenNeeds = (request: CorpusRequest): Needs => {
  const holdout = unitsBySource(request, sum(request.shards));
  const search = unitsBySource(request, request.searchUnits);
  const calibration = new Map(request.calibration.map(({ id, chunks }) => [id, calibrationTokens(request, chunks)]));
  return new Map(
    request.sources.map(({ id }) => [
      id,
      {
        holdout: (holdout.get(id) ?? 0) * request.unit,
        search: (search.get(id) ?? 0) * request.unit,
        calibration: calibration.get(id) ?? 0,
      },
    ]),
  );
};

const gather = (request: CorpusRequest, needs: Needs): Result<SplitSource[]> => {
  const seen = new Set<string>();
  const gathered: SplitSource[] = [];
  for (const source of request.sources) {
    const tokens = needs.get(source.id) ?? { holdout: 0, search: 0, calibration: 0 };
    if (source.kind === "prompts") {
      gathered.push(expandPrompts(source, request.seed, tokens, isValidated(request, source), seen));
      continue;
    }
    const read = readFiles(source, request.seed, seen);
    if (!read.ok) {
      const { source: id, name: file, why } = read.error;
      return err({ reason: "corpus-unreadable", source: id, file, why });
    }
    gathered.push(read.value);
  }
  return ok(gathered);
};

/** Measures every document once and opens a stream for each split; splits over the same documents share a stream. */
const openStreams = async (sources: readonly SplitSource[], tokenize: Tokenize): Promise<Result<Streams>> => {
  const lists = [...new Set(sources.flatMap(({ splits }) => Object.values(splits)))];
  const measured = await measure(lists.flat(), tokenize);
  if (!measured.ok) return measured;
  let from = 0;
  const byList = new Map<readonly Document[], MeasuredDocument[]>();
  for (const list of lists) {
    byList.set(list, measured.value.slice(from, from + list.length));
    from += list.length;
  }
  const streams = new Map(
    sources.map(({ id, splits }) => {
      const open = new Map(
        [...new Set(Object.values(splits))].map((list) => [list, new DocumentStream(id, byList.get(list) ?? [])]),
      );
      const stream = (split: Split): DocumentStream => open.get(splits[split]) ?? new DocumentStream(id, []);
      return [id, { holdout: stream("holdout"), search: stream("search"), calibration: stream("calibration") }];
    }),
  );
  return ok(streams);
};

const validationUnits = (
  request: CorpusRequest,
  streams: Streams,
): { holdout: DocumentStream[]; search: DocumentStream[] } => {
  const spread = (units: number, split: Split): DocumentStream[] => {
    const counts = unitsBySource(request, units);
    const ids = [...counts.keys()];
    return interleave([...counts.values()]).map((index) => streamOf(streams, ids[index] ?? "", split));
  };
  return { holdout: spread(sum(request.shards), "holdout"), search: spread(request.searchUnits, "search") };
};

const streamOf = (streams: Streams, id: string, split: Split): DocumentStream => {
  const stream = streams.get(id)?.[split];
  if (stream === undefined) throw new Error(`Internal error: no source ${id}`);
  return stream;
};

/** The tools refuse a text shorter than two windows, even when only one is asked for. */
const fewestWindows = 2;

const calibrationTokens = ({ calibrationContext }: CorpusRequest, chunks: number): number =>
  Math.max(chunks, fewestWindows) * calibrationContext;

const packCalibration = async (
  request: CorpusRequest,
  streams: Streams,
  tokenize: Tokenize,
): Promise<Result<Map<string, PackedText>>> => {
  const texts = new Map<string, PackedText>();
  for (const { id, chunks } of request.calibration) {
    const stream = streamOf(streams, id, "calibration");
    const text = await packWhole(stream, calibrationTokens(request, chunks), tokenize);
    if (!text.ok) return text;
    texts.set(id, text.value);
  }
  return ok(texts);
};

/** Packs until the finished text really has `wanted` tokens: a tool that gets fewer computes a window less. */
const packWhole = async (stream: DocumentStream, wanted: number, tokenize: Tokenize): Promise<Result<PackedText>> => {
  let available: number | undefined;
  for (let target = wanted; ;) {
    const packed = packUnits([stream.fork()], target, 1);
    if (packed.missing !== undefined) {
      const { source } = stream;
      available ??= packed.missing.tokens;
      return err({ reason: "corpus-short", source, split: "calibration", wanted, available });
    }
    const text = await describeText(packed, tokenize);
    if (!text.ok || text.value.described.tokens >= wanted) return text;
    available = text.value.described.tokens;
    target += wanted - available;
  }
};

/** A domain none of whose sources can be held out: files can, and grammars with enough templates to divide. */
const findUnfit = (request: CorpusRequest): Failure | undefined => {
  const wanted = (sum(request.shards) + request.searchUnits) * request.unit;
  if (wanted === 0 || request.sources.some((source) => isValidated(request, source))) return undefined;
  const source = request.sources.find(({ domain }) => domain === request.domain)?.id ?? request.domain;
  return { reason: "corpus-short", source, split: "holdout", wanted, available: 0 };
};

/**
 * The first source that ran out, with what its units of this split need and what could be packed for them. The tokens of
 * all its documents would mislead: the rest of a document that is cut at the end of a unit is not used.
 */
const findShort = (
  split: Split,
  units: readonly DocumentStream[],
  texts: readonly Packed[],
  sizes: readonly number[],
  unit: number,
): Failure | undefined => {
  let before = 0;
  for (const [index, { missing }] of texts.entries()) {
    if (missing !== undefined) {
      const { source, tokens } = missing;
      const own = (until: number): number => units.slice(0, until).filter((stream) => stream.source === source).length;
      const available = own(before + missing.unit) * unit + tokens;
      return { reason: "corpus-short", source, split, wanted: own(units.length) * unit, available };
    }
    before += sizes[index] ?? 0;
  }
  return undefined;
};

interface PackedSplits {
  readonly shards: readonly Packed[];
  readonly search: Packed;
  readonly calibration: ReadonlyMap<string, PackedText>;
}

/** Tokenizes the finished texts: what the manifest says comes from what the tools will see, not from the packing. */
const finish = async (
  request: CorpusRequest,
  sources: readonly SplitSource[],
  { shards, search, calibration }: PackedSplits,
  tokenize: Tokenize,
): Promise<Result<Corpus>> => {
  const holdout: PackedText[] = [];
  for (const [index, shard] of shards.entries()) {
    const described = await listUnits(withSpareWindow(shard), request.shards[index] ?? 0, request.unit, tokenize);
    if (!described.ok) return described;
    holdout.push(described.value);
  }
  const searched = await listUnits(search, request.searchUnits, request.unit, tokenize);
  if (!searched.ok) return searched;
  const manifest = describeCorpus(request, sources, holdout, searched.value, calibration);
  return ok({ calibration, holdout, search: searched.value, manifest });
};

const describeCorpus = (
  request: CorpusRequest,
  sources: readonly SplitSource[],
  holdout: readonly PackedText[],
  search: PackedText,
  calibration: ReadonlyMap<string, PackedText>,
): Manifest => ({
  schema: 1,
  seed: request.seed,
  domain: request.domain,
  unit: request.unit,
  sources: request.sources.map(({ id, domain, share }, index) => ({
    id,
    domain,
    share,
    read: sources[index]?.read ?? 0,
    dropped: { ...sources[index]?.dropped },
  })),
  holdout: holdout.map(({ described }) => described),
  search: search.described,
  calibration: [...calibration].map(([source, { described }]) => ({ source, ...described })),
});
