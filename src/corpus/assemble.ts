import type { CorpusUnreadable, Failure } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import {
  calibrationTokens,
  packCalibration,
  packTopUp,
  type CalibrationOptions,
  type CalibrationText,
} from "./calibration.ts";
import { calibrationOrder, orderGroups, type Groups } from "./groups.ts";
import { packHoldout, type CleanHoldout } from "./holdout.ts";
import { listUnits, type HoldoutText, type Manifest, type PackedText } from "./manifest.ts";
import { describeCorpus } from "./describe.ts";
import { DocumentTable } from "./document-table.ts";
import { Measures } from "./measures.ts";
import { withSpareWindow } from "./pack.ts";
import { Pace } from "./pace.ts";
import type { CorpusRequest, CorpusTools } from "./request.ts";
import { scan, type Scanned } from "./scan.ts";
import { sift, type Sifted } from "./sift.ts";
import { Spool } from "./spool.ts";
import { listStream } from "./streams.ts";
import { WordSpool } from "./word-spool.ts";
import { surveyCorpus, type Survey } from "./survey.ts";
import { heldUnits, isValidated, sum, type UnitPlan } from "./units.ts";

export interface Corpus {
  readonly calibration: ReadonlyMap<string, CalibrationText>;
  /** More of the sources that were asked for it. */
  readonly topUp: ReadonlyMap<string, CalibrationText>;
  readonly holdout: readonly HoldoutText[];
  readonly search: PackedText;
  readonly manifest: Manifest;
  readonly survey: Survey;
}

/**
 * Sources → texts. Every document is cleaned by itself, then compared with all others; what is alike is grouped, and
 * whole groups are given to a side: the holdout takes its documents first, then the search split, then calibration.
 * Texts are packed in whole units of the model's tokens, and described from their own tokenization when they are done.
 */
export const assemble = async (request: CorpusRequest, tools: CorpusTools): Promise<Result<Corpus>> => {
  const unfit = findUnfit(request);
  if (unfit !== undefined) return err(unfit);
  using spool = new Spool(`${tools.spool}.texts`);
  using words = new WordSpool(`${tools.spool}.words`);
  // Three passes over all text: reading, comparing, looking for overlap.
  const pace = new Pace(tools.cancel, 3 * sum(request.sources.map(({ bytes }) => bytes)), tools.progress);
  tools.stage?.("read");
  const documents = new DocumentTable();
  const scanned = await scanAll(request, documents, spool, pace);
  if (!scanned.ok) return scanned;
  tools.stage?.("compare");
  const sifted = await sift(scanned.value, { ...request, documents, spool, words, pace });
  if (!sifted.ok) return sifted;
  tools.stage?.("pack");
  // Awaited here: the spool is closed when this function ends.
  return await new Assembly(request, tools, sifted.value).pack(pace);
};

/** A domain none of whose sources can be held out: files can, and grammars with enough templates to divide. */
const findUnfit = (request: CorpusRequest): Failure | undefined => {
  for (const domain of request.domains) {
    const wanted = (heldUnits(request, domain) + request.searchUnits) * request.unit;
    const own = request.sources.filter((source) => source.domain === domain);
    if (wanted === 0 || own.some((source) => isValidated(request, source))) continue;
    return { reason: "corpus-short", source: own[0]?.id ?? domain, split: "holdout", wanted, available: 0 };
  }
  return undefined;
};

const scanAll = async (
  request: CorpusRequest,
  documents: DocumentTable,
  spool: Spool,
  pace: Pace,
): Promise<Result<Scanned[]>> => {
  const all: Scanned[] = [];
  for (const [index, source] of request.sources.entries()) {
    const scanned = await scan(source, { ...request, index, documents, spool, pace });
    if (!scanned.ok) return scanned;
    all.push(scanned.value);
  }
  const refused = findUnreadable(request, all);
  return refused === undefined ? ok(all) : err(refused);
};

/** All sources are read before anything is refused, so that one message names every source that has to be mended. */
const findUnreadable = (request: CorpusRequest, scanned: readonly Scanned[]): CorpusUnreadable | undefined => {
  if (request.hygiene.unreadable === "skip") return undefined;
  const count = sum(scanned.map(({ tally }) => tally.dropped.unreadable));
  const files = scanned.flatMap(({ tally }, index) =>
    tally.unreadable.map(({ name: file, why }) => ({ source: request.sources[index]?.id ?? "", file, why })),
  );
  return count === 0 ? undefined : { reason: "corpus-unreadable", count, files };
};

type Calibrated = Pick<Corpus, "calibration" | "topUp">;

const domainsOf = (units: readonly UnitPlan[]): string[] => units.map(({ domain }) => domain);

/** The packing of sifted documents into the texts that the tools read. */
class Assembly {
  readonly #request: CorpusRequest;
  readonly #tools: CorpusTools;
  readonly #sifted: Sifted;
  readonly #groups: ReadonlyMap<string, Groups>;
  readonly #measures: Measures;

  constructor(request: CorpusRequest, tools: CorpusTools, sifted: Sifted) {
    this.#request = request;
    this.#tools = tools;
    this.#sifted = sifted;
    this.#groups = orderGroups(request, sifted);
    this.#measures = this.#measuresUpTo(request.unit);
  }

  async pack(pace: Pace): Promise<Result<Corpus>> {
    const held = await packHoldout({
      request: this.#request,
      groups: this.#groups,
      measures: this.#measures,
      sifted: this.#sifted,
      stage: this.#tools.stage,
      pace,
    });
    if (!held.ok) return held;
    const calibration = await this.#calibrate(held.value);
    return calibration.ok ? this.#finish(held.value, calibration.value) : calibration;
  }

  async #calibrate(held: CleanHoldout): Promise<Result<Calibrated>> {
    const request = this.#request;
    const [calibration, topUp] = [new Map<string, CalibrationText>(), new Map<string, CalibrationText>()];
    for (const { id, chunks, most = chunks, topUp: more = 0 } of request.calibration) {
      const text = await packCalibration({
        ...this.#packing(held, id, this.#documentsOf(held, id), most),
        least: chunks,
      });
      if (!text.ok) return text;
      calibration.set(id, text.value.text);
      if (more === 0) continue;
      const added = await packTopUp(this.#packing(held, id, text.value.rest, more));
      if (!added.ok) return added;
      topUp.set(id, added.value);
    }
    return ok({ calibration, topUp });
  }

  /** Those that may calibrate, in the order in which they are packed. */
  #documentsOf({ dropped }: CleanHoldout, id: string): readonly number[] {
    const source = this.#request.sources.find((each) => each.id === id);
    if (source === undefined) throw new Error(`Internal error: no source ${id}`);
    const groupOf = (document: number): string => this.#sifted.documents.group(document);
    const ordered = calibrationOrder(source, this.#groups.get(id) ?? [], groupOf);
    return ordered.filter((document) => !dropped.has(document));
  }

  #packing(
    { arrangement: { sides } }: CleanHoldout,
    source: string,
    documents: readonly number[],
    most: number,
  ): Omit<CalibrationOptions, "least"> {
    const request = this.#request;
    const clusterOf = (document: number): number => this.#sifted.clusters[document] ?? -1;
    const measures = this.#measuresUpTo(calibrationTokens(request, most));
    const measured = (document: number): ReturnType<Measures["of"]> => measures.of(document);
    return {
      request,
      source,
      most,
      documents,
      stream: () => listStream({ source, documents, clusterOf, sides, measured }),
      measures,
      tokenize: this.#tools.tokenize,
    };
  }

  /** Tokenizes the finished texts: what the manifest says comes from what the tools will see, not from the packing. */
  async #finish(held: CleanHoldout, { calibration, topUp }: Calibrated): Promise<Result<Corpus>> {
    const { unit } = this.#request;
    const { tokenize } = this.#tools;
    const { shards, search: tuned } = held.arrangement;
    const holdout: HoldoutText[] = [];
    for (const { domain, units, ...shard } of shards) {
      const described = await listUnits(withSpareWindow(shard), domainsOf(units), unit, tokenize);
      if (!described.ok) return described;
      holdout.push({ domain, ...described.value });
    }
    const searched = this.#request.spareSearch === true ? withSpareWindow(tuned) : tuned;
    const search = await listUnits(searched, domainsOf(tuned.units), unit, tokenize);
    if (!search.ok) return search;
    const facts = {
      request: this.#request,
      sifted: this.#sifted,
      groups: this.#groups,
      held,
      holdout,
      search: search.value,
      calibration,
      topUp,
      measures: this.#measures,
    };
    const manifest = describeCorpus(facts);
    return ok({ calibration, topUp, holdout, search: search.value, manifest, survey: surveyCorpus(facts, manifest) });
  }

  /** No more of a document is looked at than could be packed: hardly any text has tokens of 32 bytes on average. */
  #measuresUpTo(tokens: number): Measures {
    const { documents, text } = this.#sifted;
    return new Measures({
      tokenize: this.#tools.tokenize,
      limit: tokens * 32,
      text: (document) => {
        const source = this.#request.sources[documents.source(document)]?.id ?? "";
        const [group, name] = [documents.group(document), documents.name(document)];
        return { document, source, group, name, text: text(document) };
      },
    });
  }
}
