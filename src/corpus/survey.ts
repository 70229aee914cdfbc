import { bytesPerTokenIn, type CorpusFacts } from "./describe.ts";
import type { Manifest } from "./manifest.ts";
import { rank } from "./random.ts";
import type { CorpusSource } from "./request.ts";
import { fewExamples } from "./tally.ts";

/** What a person wants to look at before a corpus is trusted. Counts stand in the manifest. */
export interface Survey {
  readonly schema: 1;
  readonly sources: readonly SurveyedSource[];
}

export interface SurveyedSource {
  readonly id: string;
  /** Documents by length: up to `to` bytes, and longer than the class before. */
  readonly lengths: readonly { readonly to: number; readonly documents: number }[];
  /** bytes; zero for a source without documents */
  readonly shortest: number;
  readonly median: number;
  readonly longest: number;
  /** tokens of all its documents, estimated from the bytes of a token in the packed text */
  readonly tokens: number;
  readonly copies: readonly { readonly name: string; readonly of: string; readonly jaccard: number }[];
  readonly unreadable: readonly { readonly name: string; readonly why: string }[];
  /** The beginnings of a few documents, chosen by the seed. */
  readonly samples: readonly { readonly name: string; readonly text: string }[];
}

/** Documents shown of each source, and characters of each. */
const samples = { documents: 3, characters: 400 };

export const surveyCorpus = (facts: CorpusFacts, manifest: Manifest): Survey => ({
  schema: 1,
  sources: facts.request.sources.map((source, index) => survey(facts, manifest, source, index)),
});

const survey = (facts: CorpusFacts, manifest: Manifest, source: CorpusSource, index: number): SurveyedSource => {
  const { request, sifted } = facts;
  const { id } = source;
  const { documents } = sifted;
  const own: number[] = [];
  for (let document = 0; document < documents.count; document += 1)
    if (documents.source(document) === index) own.push(document);
  const lengths = Uint32Array.from(own, (document) => documents.bytes(document)).sort();
  const tally = sifted.tallies[index];
  return {
    id,
    lengths: histogram(lengths),
    shortest: lengths[0] ?? 0,
    median: lengths[Math.floor(lengths.length / 2)] ?? 0,
    longest: lengths.at(-1) ?? 0,
    tokens: Math.round(lengths.reduce((a, b) => a + b, 0) / rateOf(facts, manifest, source)),
    copies: tally?.copies ?? [],
    unreadable: (tally?.unreadable ?? []).slice(0, fewExamples),
    samples: chosen(own, (document) => rank(request.seed, id, "sample", documents.name(document))).map((document) => ({
      name: documents.name(document),
      text: beginning(sifted.text(document)),
    })),
  };
};

/**
 * Bytes a token, separators counted, in the source's own calibration text, else in held-out text of its domain, or of all
 * domains where its own has none.
 */
const rateOf = (facts: CorpusFacts, { calibration }: Manifest, { id, domain }: CorpusSource): number => {
  const text = calibration.find(({ source }) => source === id);
  if (text !== undefined) return text.bytes / text.tokens;
  return bytesPerTokenIn(facts, domain) ?? facts.measures.bytesPerToken() ?? 4;
};

/** Classes that double in length, from 256 bytes on. */
const histogram = (lengths: Uint32Array): { to: number; documents: number }[] => {
  const classes: { to: number; documents: number }[] = [];
  let to = 256;
  let documents = 0;
  for (const length of lengths) {
    while (length > to) {
      if (documents > 0 || classes.length > 0) classes.push({ to, documents });
      documents = 0;
      to *= 2;
    }
    documents += 1;
  }
  return documents === 0 ? classes : [...classes, { to, documents }];
};

/** Those of the lowest ranks, in their order; the ranks of all together would take more memory than all else here. */
const chosen = (documents: readonly number[], rankOf: (document: number) => string): number[] => {
  const first: { readonly document: number; readonly rank: string }[] = [];
  for (const document of documents) {
    const next = { document, rank: rankOf(document) };
    const at = first.findIndex(({ rank: other }) => next.rank < other);
    first.splice(at < 0 ? first.length : at, 0, next);
    if (first.length > samples.documents) first.pop();
  }
  return first.map(({ document }) => document);
};

const beginning = (text: string): string => {
  // Half a character at the cut becomes U+FFFD, which no text is worse for.
  const start = text.slice(0, samples.characters).toWellFormed();
  return start.length < text.length ? `${start.trimEnd()}…` : text;
};
