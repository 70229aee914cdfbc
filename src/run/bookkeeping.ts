import { fingerprint, sha256 } from "../base/canonical.ts";
import type { Digest } from "../base/ids.ts";
import type { Reason } from "../base/reason.ts";
import type { Toolchain } from "../base/tool.ts";
import type { Manifest } from "../corpus/manifest.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { Upstream } from "../plan/decide.ts";
import { decisionParams } from "../plan/decision-steps.ts";
import { modelDigest } from "../plan/model-files.ts";
import { shardsOf } from "../plan/plan.ts";
import type { StepSpec } from "../plan/step.ts";
import type { Ledger } from "../select/answer.ts";
import type { Layout } from "../store/layout.ts";
import {
  identifyDecision,
  ledgerPath,
  ledgerStatus,
  readLedger,
  type DecisionIdentity,
  type LedgerEntry,
} from "./ledger.ts";
import { makeNeedless, type JudgeNeed } from "./needless.ts";
import { objectReader } from "./read-object.ts";

/** What a decision has found so far and what earlier ones spent: read from the store and from the ledger. */
export interface Bookkeeping {
  readonly needless: (spec: StepSpec, upstream: Upstream) => Reason | undefined;
  /** Undefined as long as the corpus manifest is not there. */
  readonly ledger: (upstream: Upstream, digestOf: (path: string) => Digest) => LedgerView | undefined;
  /** Lines of the ledger that are no entries. */
  readonly damaged: readonly number[];
}

/** The state of the ledger as an input of a step. */
export interface LedgerView {
  readonly identity: DecisionIdentity;
  readonly text: string;
  readonly digest: Digest;
}

/**
 * The ledger is read once: a run that another one overtakes counts what it found at its beginning.
 * @param judge as for `makeNeedless`
 */
export const openBookkeeping = (
  pipeline: Pipeline,
  layout: Layout,
  toolchain: Toolchain,
  judge: JudgeNeed | undefined,
): Bookkeeping => {
  const params = decisionParams(pipeline, shardsOf(pipeline));
  const { entries, damaged } = readLedger(ledgerPath(pipeline));
  const tools = { identity: fingerprint({ ...toolchain.identity }), numeric: { ...toolchain.numeric } };
  const read = objectReader(layout);
  const manifestOf = (digest: Digest): Manifest | undefined => read(digest) as Manifest | undefined;
  return {
    needless: makeNeedless(read, params, judge),
    damaged,
    ledger: (upstream, digestOf) => {
      const identity = identifyDecision(upstream, manifestOf, modelDigest(pipeline, digestOf), params, tools);
      return identity === undefined ? undefined : view(entries, identity);
    },
  };
};

const view = (entries: readonly LedgerEntry[], identity: DecisionIdentity): LedgerView => {
  const status: Ledger = ledgerStatus(entries, identity);
  const text = `${JSON.stringify(status)}\n`;
  return { identity, text, digest: sha256(text) };
};
