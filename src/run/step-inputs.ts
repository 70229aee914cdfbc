import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stepId, type Digest, type StepId } from "../base/ids.ts";
import type { Snapshot } from "../plan/decide.ts";
import type { Plan, StepSpec } from "../plan/step.ts";
import type { Ladder } from "../select/prune.ts";
import type { ActionRecord } from "../store/records.ts";
import type { Bookkeeping, LedgerView } from "./bookkeeping.ts";
import type { Session } from "./session.ts";
import type { InputFile } from "./steps/step.ts";

/** What the steps of a run read: the user's files, and what other steps made so far. */
export class StepInputs {
  readonly #session: Session;
  readonly #plan: Plan;
  readonly #snapshot: Snapshot<ActionRecord>;
  readonly #books: Bookkeeping;
  readonly #records: ReadonlyMap<StepId, ActionRecord>;
  #ladder: { readonly digest: Digest; readonly ladder: Ladder } | undefined;

  constructor(
    session: Session,
    plan: Plan,
    snapshot: Snapshot<ActionRecord>,
    books: Bookkeeping,
    records: ReadonlyMap<StepId, ActionRecord>,
  ) {
    this.#session = session;
    this.#plan = plan;
    this.#snapshot = snapshot;
    this.#books = books;
    this.#records = records;
  }

  /** By role. An optional input that was not needed is absent. */
  of(spec: StepSpec): Map<string, InputFile> {
    return new Map(
      Object.entries(spec.inputs).flatMap(([role, ref]): [string, InputFile][] => {
        if (ref.from === "ledger") return [[role, this.#ledgerFile()]];
        if (ref.from === "file") {
          const digest = ref.fetched?.sha256 ?? this.#snapshot.digestOf(ref.path);
          return [[role, { path: ref.path, digest, size: statSync(ref.path).size, ephemeral: false }]];
        }
        const object = this.#records.get(ref.step)?.outputs[ref.output];
        if (object === undefined && ref.optional === true) return [];
        if (object === undefined) throw new Error(`Internal error: ${spec.id} starts before ${ref.step} is done`);
        const path = this.#session.layout.object(object.digest);
        return [[role, { ...object, path, ephemeral: this.isEphemeral(ref.step, ref.output) }]];
      }),
    );
  }

  /** Dropped once no step needs it any more. */
  isEphemeral(step: StepId, output: string): boolean {
    return this.#plan.steps.find(({ id }) => id === step)?.outputs[output]?.ephemeral === true;
  }

  /** The candidates with their sizes; undefined before these are known. Asked for each step that waits, and read once. */
  ladder(): Ladder | undefined {
    const digest = this.#records.get(stepId("ladder"))?.outputs["ladder"]?.digest;
    if (digest === undefined) return undefined;
    if (this.#ladder?.digest !== digest) {
      const text = readFileSync(this.#session.layout.object(digest), "utf8");
      this.#ladder = { digest, ladder: JSON.parse(text) as Ladder };
    }
    return this.#ladder.ladder;
  }

  /** What earlier decisions spent on the holdout, and which decision this one is. */
  ledger(): LedgerView {
    const found = this.#books.ledger((id) => this.#records.get(id), this.#snapshot.digestOf);
    if (found === undefined) throw new Error("Internal error: a decision before its corpus");
    return found;
  }

  #ledgerFile(): InputFile {
    const { text, digest } = this.ledger();
    const folder = this.#session.layout.runScratch(this.#session.run);
    const path = join(folder, "ledger.json");
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, text);
    return { path, digest, size: text.length, ephemeral: false };
  }
}
