import type { Answer, ReportedCandidate } from "../select/answer.ts";
import { fileOf } from "./model-card.ts";
import { safeJson } from "./safe-json.ts";

/** `manifest.json`: every digest that the answer rests on, and every file that was built, bound to its verdict by its own. */
export const formatManifest = (answer: Answer): string => safeJson(describe(answer));

const describe = (answer: Answer): unknown => {
  const { pipeline, seed, choice, refused, model, imatrix, corpus, holdout, llamaCpp, decision, tolerances } = answer;
  return {
    schemaVersion: 1,
    pipeline,
    seed,
    choice,
    refused,
    files: answer.candidates.filter(({ sha256 }) => sha256 !== null).map((each) => describeFile(each, answer)),
    model,
    imatrix,
    corpus: {
      manifest: corpus.manifest,
      calibration: corpus.calibration,
      search: corpus.search.sha256,
      holdout: holdout.shards,
      sources: corpus.sources.map(({ id, domain, share, license }) => ({ id, domain, share, license })),
    },
    llamaCpp,
    decision: {
      tolerances,
      mode: decision.mode,
      confidence: decision.confidence,
      alpha: decision.alpha,
      exploratory: decision.ledger.exploratory,
    },
  };
};

const describeFile = (
  { type, bytes, sha256, verdict, blockedBy, stepKey, provenance }: ReportedCandidate,
  answer: Answer,
) => ({
  file: fileOf(answer, type),
  type,
  bytes,
  sha256,
  verdict,
  /** Only the chosen file is published. */
  published: type === answer.choice?.type,
  ...(blockedBy === undefined ? {} : { blockedBy }),
  stepKey,
  provenance,
});
