import type { DatasetSource, Pipeline } from "../pipeline/pipeline.ts";
import { calibrationMix } from "./mix.ts";
import { topUpWindows } from "./ranges.ts";

/** How much is taken of a dataset: of both so much at least. */
export interface DatasetNeed {
  /** of text */
  readonly bytes: number;
  readonly documents: number;
}

/** Bytes that a token may stand for: of English four, of code three, of scripts in three bytes a letter six and more. */
const bytesPerToken = 8;
/** Of what is taken some is dropped (short, foreign, a copy), and of a long document one unit is used. */
const spare = 2;
/** Documents for a unit: the holdout takes at most half of the groups there are, and each unit is of several. */
const documentsPerUnit = 8;
const mebibyte = 2 ** 20;

/**
 * Text for the windows that a source calibrates with and for the units that its domain holds out, in steps of powers of two:
 * with a few units more the same text is taken, and the holdout stays what it was. The share has a part only in the holdout.
 */
export const datasetNeed = (pipeline: Pipeline, source: DatasetSource): DatasetNeed => {
  const { imatrix, validate } = pipeline;
  const units = unitsOf(pipeline, source);
  const tokens = windowsOf(pipeline, source) * imatrix.context + units * validate.unit;
  if (source.take !== null) return { bytes: source.take, documents: 0 };
  return {
    bytes: Math.max(mebibyte, powerOfTwo(tokens * bytesPerToken * spare)),
    documents: powerOfTwo(units * documentsPerUnit),
  };
};

const windowsOf = (pipeline: Pipeline, { id }: DatasetSource): number => {
  const most = calibrationMix(pipeline).find((part) => part.id === id)?.most ?? 0;
  return most + (pipeline.imatrix.coverage?.topUp.includes(id) === true ? topUpWindows : 0);
};

/** The least that is no less. */
const powerOfTwo = (value: number): number => (value < 1 ? 0 : 2 ** Math.ceil(Math.log2(value)));

/** Its part of what its domain holds out. */
const unitsOf = ({ corpus, validate }: Pipeline, { domain, share }: DatasetSource): number => {
  if (!validate.domains.includes(domain)) return 0;
  const all = corpus.sources.filter((source) => source.domain === domain).reduce((sum, each) => sum + each.share, 0);
  return Math.ceil((validate.units + corpus.searchUnits) * (share / all));
};
