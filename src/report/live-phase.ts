import type { Attempt, Progress, StepEvent, Waiting } from "../base/event.ts";
import type { StepId } from "../base/ids.ts";
import type { Clock } from "./clock.ts";
import { describeReasons, isNoLoss } from "./describe-reason.ts";
import { LiveStep } from "./live-step.ts";
import type { Phase } from "./phases.ts";
import { formatSeconds } from "./quantity.ts";
import { safe } from "./safe.ts";
import type { Style } from "./style.ts";

/** What listr2 needs of the row that it draws for a phase. */
export interface PhaseRow {
  title: string;
  skip: (message: string) => void;
}

/** A phase in the live view: counts what became of its steps, and tells when it begins and when all are settled. */
export class LivePhase {
  readonly ids: readonly StepId[];
  readonly steps: readonly LiveStep[];
  /** Resolves to true when the first step does anything, to false when the run ends without. */
  readonly begun = Promise.withResolvers<boolean>();
  readonly #phase: Phase;
  readonly #style: Style;
  readonly #clock: Clock;
  readonly #latest = new Map<StepId, StepEvent>();
  /** ms; from the first step that ran to the last event */
  #span: { readonly from: number; readonly to: number } | undefined;
  #skipped = false;
  #row: PhaseRow | undefined;

  constructor(phase: Phase, titles: ReadonlyMap<StepId, string>, style: Style, clock: Clock) {
    this.ids = phase.steps;
    this.#phase = phase;
    this.#style = style;
    this.#clock = clock;
    this.steps = phase.steps.map((id) => new LiveStep(id, titles.get(id) ?? id, style, clock));
  }

  handle(event: StepEvent): void {
    this.#latest.set(event.step, event);
    const now = this.#clock.now();
    if (event.status === "started" || this.#span !== undefined) this.#span = { from: this.#span?.from ?? now, to: now };
    this.begun.resolve(true);
    this.#step(event.step)?.handle(event);
    this.#draw();
    // Only now: a cached step may still be made again for another step of its phase.
    if (this.#settled()) this.#finish();
  }

  progress(event: Progress): void {
    this.#step(event.step)?.progress(event);
  }

  attempt(event: Attempt): void {
    this.#step(event.step)?.attempt(event);
  }

  waiting(event: Waiting): void {
    this.begun.resolve(true);
    this.#step(event.step)?.waiting(event);
  }

  /** listr2 gives the row when it begins to draw the phase. */
  attach(row: PhaseRow): void {
    this.#row = row;
    this.#draw();
  }

  /** The run is over: nothing more will happen here. */
  stop(): void {
    this.begun.resolve(false);
    this.#finish();
    this.#draw();
  }

  title(): string {
    const counts = this.#counts();
    const title = safe(this.#phase.title);
    return counts === "" ? title : `${title}: ${counts}`;
  }

  #step(id: StepId): LiveStep | undefined {
    return this.steps.find((step) => step.id === id);
  }

  #finish(): void {
    for (const step of this.steps) step.finish();
  }

  #events(status: StepEvent["status"]): StepEvent[] {
    return [...this.#latest.values()].filter((event) => event.status === status);
  }

  #settled(): boolean {
    return this.#latest.size === this.ids.length && this.#events("started").length === 0;
  }

  #counts(): string {
    if (!this.#settled()) {
      const settled = this.#latest.size - this.#events("started").length;
      return this.ids.length === 1 ? "" : `${settled} of ${this.ids.length}`;
    }
    const done = this.#events("done").length;
    const seconds = this.#span === undefined ? 0 : (this.#span.to - this.#span.from) / 1000;
    const cached = this.#events("cached").length;
    const failed = this.#events("failed").length;
    return [
      ...(done > 0 ? [`${this.#of(done, "done")} in ${formatSeconds(seconds)}`] : []),
      ...(cached > 0 ? [this.#style.dim(this.#of(cached, "cached"))] : []),
      ...(failed > 0 ? [this.#style.bad(this.#of(failed, "failed"))] : []),
      ...this.#skips(),
    ].join(", ");
  }

  #of(count: number, word: string): string {
    return this.ids.length === 1 ? word : `${count} ${word}`;
  }

  /** Skipped steps: those that nothing needed as a number, the others by their reason. */
  #skips(): string[] {
    const reasons = new Map<string, number>();
    let spared = 0;
    for (const { why = [] } of this.#events("skipped")) {
      if (isNoLoss(why)) spared += 1;
      else reasons.set(describeReasons(why), (reasons.get(describeReasons(why)) ?? 0) + 1);
    }
    return [
      ...(spared === 0 ? [] : [this.#style.dim(this.#of(spared, "not needed"))]),
      ...[...reasons].map(([reason, count]) => this.#style.warn(`${this.#of(count, "skipped")} (${reason})`)),
    ];
  }

  #draw(): void {
    if (this.#row === undefined) return;
    this.#row.title = this.title();
    if (this.#skipped || !this.#settled() || this.#events("skipped").length < this.ids.length) return;
    this.#skipped = true;
    this.#row.skip(this.title());
  }
}
