import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fingerprint, type Json } from "../base/canonical.ts";
import { stepId, type Digest } from "../base/ids.ts";
import type { Upstream } from "../plan/decide.ts";
import { asJson, type DecisionParams } from "../plan/decision-steps.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { Manifest } from "../corpus/manifest.ts";
import type { Ledger } from "../select/answer.ts";
import { allowedAlpha, alphaOf } from "./alpha.ts";

/**
 * A line of `<name>.holdout.jsonl`, beside the pipeline file: one decision that was taken on a holdout. Text that decided
 * once knows the answer; to decide on it again costs error rate.
 */
export interface LedgerEntry {
  readonly schema: 1;
  /** Digest of everything that the decision hangs on besides the mode: the same decision is the same entry. */
  readonly decision: Digest;
  readonly pipeline: string;
  readonly at: string;
  readonly model: Digest;
  readonly alpha: number;
  readonly choice: string | null;
  /** The first 16 digits of each unit's digest. */
  readonly units: readonly string[];
}

/** What names a decision: enough to tell it from every other on the same text. */
export interface DecisionIdentity {
  readonly decision: Digest;
  readonly model: Digest;
  readonly alpha: number;
  /** Error rate that all decisions on this text may spend together. */
  readonly allowed: number;
  readonly units: readonly string[];
}

export const ledgerPath = ({ file, name }: Pipeline): string => join(dirname(file), `${name}.holdout.jsonl`);

/** The entries, and the numbers of lines that are none: after a merge conflict, say. A file that is not there has none. */
export const readLedger = (path: string): { entries: readonly LedgerEntry[]; damaged: readonly number[] } => {
  const entries: LedgerEntry[] = [];
  const damaged: number[] = [];
  if (!existsSync(path)) return { entries, damaged };
  for (const [index, line] of readFileSync(path, "utf8").split("\n").entries()) {
    if (line.trim() === "") continue;
    const entry = parseEntry(line);
    if (entry === undefined) damaged.push(index + 1);
    else entries.push(entry);
  }
  return { entries, damaged };
};

const parseEntry = (line: string): LedgerEntry | undefined => {
  try {
    const value = JSON.parse(line) as Partial<LedgerEntry>;
    const whole =
      value.schema === 1 &&
      typeof value.decision === "string" &&
      typeof value.model === "string" &&
      typeof value.alpha === "number" &&
      Array.isArray(value.units);
    return whole ? (value as LedgerEntry) : undefined;
  } catch {
    return undefined;
  }
};

/** Undefined before corpus and importance matrix are known, or when the manifest's bytes are not there. */
export const identifyDecision = (
  upstream: Upstream,
  manifestOf: (digest: Digest) => Manifest | undefined,
  model: Digest,
  params: DecisionParams,
  tools: Json,
): DecisionIdentity | undefined => {
  const manifest = upstream(stepId("corpus"))?.outputs["manifest"];
  const imatrix = upstream(stepId("imatrix"))?.outputs["imatrix"];
  if (manifest === undefined || imatrix === undefined) return undefined;
  const holdout = manifestOf(manifest.digest)?.holdout;
  if (holdout === undefined) return undefined;
  const { mode: _mode, plannedReruns: _planned, ...decides } = asJson(params);
  return {
    decision: fingerprint({ model, imatrix: imatrix.digest, corpus: manifest.digest, decides, tools }),
    model,
    alpha: alphaOf(params),
    allowed: allowedAlpha(params),
    units: holdout.flatMap(({ units }) => units.map(({ sha256 }) => sha256.slice(0, 16))),
  };
};

/** What others spent before this decision was taken for the first time: taking it again the same way spends nothing. */
export const ledgerStatus = (entries: readonly LedgerEntry[], own: DecisionIdentity): Ledger => {
  const first = entries.findIndex(({ decision }) => decision === own.decision);
  const units = new Set(own.units);
  const before = (first === -1 ? entries : entries.slice(0, first)).filter(
    (entry) => entry.model === own.model && entry.units.some((unit) => units.has(unit)),
  );
  const distinct = [...new Map(before.map((entry) => [entry.decision, entry])).values()];
  const spent = distinct.reduce((sum, { alpha }) => sum + alpha, 0);
  return {
    exploratory: spent + own.alpha > own.allowed + 1e-9,
    earlier: distinct.map(({ decision, pipeline, alpha }) => ({ decision, pipeline, alpha })),
    spent,
  };
};

/** Notes a decision once. A line is written at once, so that two runs that end together do not mix theirs. */
export const noteDecision = (path: string, entry: LedgerEntry): void => {
  if (readLedger(path).entries.some(({ decision }) => decision === entry.decision)) return;
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const start = text === "" || text.endsWith("\n") ? "" : "\n";
  appendFileSync(path, `${start}${JSON.stringify(entry)}\n`);
};
