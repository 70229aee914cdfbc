import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Emit } from "../base/event.ts";
import { fileFailure, type Failure, type FrozenChanged } from "../base/failure.ts";
import { stepId, type Digest, type StepId } from "../base/ids.ts";
import type { PinChange } from "../base/pin-change.ts";
import type { Toolchain } from "../base/tool.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { parsePins } from "../plan/parse-pins.ts";
import { pinChanges } from "../plan/pin-changes.ts";
import { pinsOf, pinsText, type Pins } from "../plan/pins.ts";
import { writeDurably } from "../store/durable.ts";
import type { ActionRecord } from "../store/records.ts";

/**
 * What is done with `<name>.lock`: `keep` writes it where there is none and otherwise tells what differs, `update` writes
 * it anew, `frozen` refuses to run with anything else than it says.
 */
export type LockMode = "keep" | "update" | "frozen";

export interface PinningOptions {
  readonly mode: LockMode;
  /** Version of this program. */
  readonly program: string;
}

export const lockPath = ({ file, name }: Pipeline): string => join(dirname(file), `${name}.lock`);

/** The lock file of one run: compared before it, checked while it goes on, written when it has come to its end. */
export class Pinning {
  readonly #pipeline: Pipeline;
  readonly #toolchain: Toolchain;
  readonly #options: PinningOptions;
  readonly #emit: Emit;
  readonly #path: string;
  readonly #found: FoundLock;
  /** What this run uses; undefined where an input cannot be read. */
  #now: Pins | undefined;
  #told = false;

  constructor(pipeline: Pipeline, toolchain: Toolchain, options: PinningOptions, emit: Emit) {
    this.#pipeline = pipeline;
    this.#toolchain = toolchain;
    this.#options = options;
    this.#emit = emit;
    this.#path = lockPath(pipeline);
    this.#found = readLock(this.#path);
  }

  /** Compares what is known before anything runs: tells what differs, or refuses. */
  begin(digestOf: (path: string) => Digest): Failure | undefined {
    const frozen = this.#options.mode === "frozen";
    if (frozen && this.#found.problem !== undefined) return this.#refusal();
    try {
      const disk = { digestOf, sizeOf: (path: string) => statSync(path).size };
      this.#now = pinsOf(this.#pipeline, this.#toolchain, this.#options.program, disk);
    } catch (error) {
      const failure = fileFailure(error, this.#pipeline.file, "read the inputs of");
      // Else the step that needs the file says so.
      return frozen ? failure : undefined;
    }
    if (!frozen) this.#tell();
    return this.#refusal();
  }

  /** Refuses a corpus that came out otherwise, as with a command that prints other text, before anything reads it. */
  verify(step: StepId, record: ActionRecord): Failure | undefined {
    const manifest = step === "corpus" ? record.outputs["manifest"]?.digest : undefined;
    if (manifest === undefined || this.#now === undefined) return undefined;
    this.#now = { ...this.#now, manifest };
    return this.#refusal();
  }

  /** Writes the file, or tells what showed only during the run. A run that did not come to its end pins nothing. */
  end(records: ReadonlyMap<StepId, ActionRecord>): Failure | undefined {
    const { mode } = this.#options;
    if (mode === "frozen" || this.#now === undefined || !records.has(stepId("report"))) return undefined;
    if (mode === "update" || this.#found.problem === "missing") return this.#write(this.#now);
    this.#tell();
    return undefined;
  }

  #changes(): PinChange[] {
    const { pins } = this.#found;
    return pins === undefined || this.#now === undefined ? [] : pinChanges(pins, this.#now);
  }

  #refusal(): FrozenChanged | undefined {
    const changes = this.#changes();
    const problem = this.#found.problem ?? (changes.length > 0 ? "differs" : undefined);
    if (this.#options.mode !== "frozen" || problem === undefined) return undefined;
    return { reason: "frozen-changed", lock: this.#path, problem, changes };
  }

  /** Once: what differs before the run is not said again after it. */
  #tell(): void {
    const { problem } = this.#found;
    const changes = this.#changes();
    if (this.#told || this.#options.mode !== "keep" || problem === "missing") return;
    if (problem === undefined && changes.length === 0) return;
    this.#told = true;
    this.#emit({ type: "lock", status: problem ?? "differs", path: this.#path, changes });
  }

  #write(pins: Pins): Failure | undefined {
    const text = pinsText(pins);
    try {
      if (this.#found.text === text) return undefined;
      writeDurably(this.#path, text);
      this.#emit({ type: "lock", status: "written", path: this.#path, changes: [] });
      return undefined;
    } catch (error) {
      const failure = fileFailure(error, this.#path, "write");
      if (this.#options.mode === "update") return failure;
      // A run that was not asked to write it ends no worse.
      const message = `${this.#path} could not be written: what this run used is not pinned`;
      this.#emit({ type: "notice", level: "warning", message });
      return undefined;
    }
  }
}

interface FoundLock {
  readonly problem?: "missing" | "damaged";
  readonly text?: string;
  readonly pins?: Pins;
}

const readLock = (path: string): FoundLock => {
  try {
    const text = readFileSync(path, "utf8");
    const pins = parsePins(text);
    return pins === undefined ? { problem: "damaged", text } : { pins, text };
  } catch (error) {
    const failure = fileFailure(error, path, "read");
    return { problem: "code" in failure && failure.code === "ENOENT" ? "missing" : "damaged" };
  }
};
