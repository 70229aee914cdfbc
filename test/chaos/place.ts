import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { RunRecord } from "../../src/run/record.ts";
import { sumsIn, type Ended, type Rig, type Running } from "../rig/rig.ts";

/**
 * A store and a results folder inside a rig: what a disturbance and the runs around it share. Many share one rig, so
 * that its inputs are old enough for the memo to trust them, and the tools are asked only once what they are.
 */
export class Place {
  readonly store: string;
  readonly out: string;
  readonly #rig: Rig;
  readonly #name: string;
  readonly #more: readonly string[];

  /** @param name of the pipeline, whose file is `<name>.yaml` in the rig's folder */
  constructor(rig: Rig, name: string, label: string, more: readonly string[]) {
    this.store = rig.path(label, "store");
    this.out = rig.path(label, "out");
    this.#rig = rig;
    this.#name = name;
    this.#more = more;
    this.forgetDecisions();
  }

  start(env: Readonly<Record<string, string>> = {}, ...more: string[]): Running {
    const folders = ["--out", this.out, "--cache", this.store];
    return this.#rig.start(["run", `${this.#name}.yaml`, "--json", ...folders, ...this.#more, ...more], env);
  }

  run(): Promise<Ended> {
    return this.start().ended;
  }

  inStore(...parts: string[]): string {
    return join(this.store, "store-v1", ...parts);
  }

  sums(): ReadonlyMap<string, string> {
    return sumsIn(join(this.out, this.#name));
  }

  record(): RunRecord {
    return JSON.parse(readFileSync(join(this.out, this.#name, "run.json"), "utf8")) as RunRecord;
  }

  /** Processes of ours that are still there. */
  survivors(): readonly string[] {
    return this.#rig.survivors();
  }

  pids(): readonly number[] {
    return this.#rig.pids().map(Number);
  }

  /** The ledger lies beside the pipeline file: what other places decided is an input, and must not be one here. */
  forgetDecisions(): void {
    rmSync(this.#rig.path(`${this.#name}.holdout.jsonl`), { force: true });
  }

  [Symbol.dispose](): void {
    rmSync(join(this.store, ".."), { recursive: true, force: true });
  }
}
