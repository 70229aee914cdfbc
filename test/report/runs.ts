import { stepId } from "../../src/base/ids.ts";
import type { RunRecord, RunStep } from "../../src/run/record.ts";

export const step = (name: string, status: RunStep["status"], began: number, seconds: number): RunStep => ({
  step: stepId(name),
  status,
  why: [{ code: "never-ran" }],
  began,
  seconds,
  repeats: 0,
});

/** A run of some steps. */
export const runOf = (steps: readonly RunStep[], extra: Partial<RunRecord> = {}): RunRecord => ({
  schemaVersion: 1,
  run: "2026-01-01",
  startedAt: "2026-01-01T12:03:44Z",
  seconds: 20,
  host: { name: "h", platform: "linux", cpu: "c", cores: 2 },
  node: "v24",
  version: "0.1.0",
  argv: [],
  toolchain: { directory: "/t", version: "0.5.0" },
  store: "/s",
  hashedBytes: 0,
  executed: 2,
  cached: 1,
  repeats: 0,
  steps,
  pipelineFile: "/p.yaml",
  links: {},
  storeBytes: null,
  storeSummary: null,
  ...extra,
});

/** One of every status. */
export const smallRun = (): RunRecord =>
  runOf([
    step("model", "cached", 0, 0),
    step("corpus", "done", 1, 9),
    step("imatrix", "failed", 10, 10),
    step("select", "skipped", 20, 0),
  ]);
