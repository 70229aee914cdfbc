import type { Attempt, Progress, StepEvent, Waiting } from "../base/event.ts";
import type { StepId } from "../base/ids.ts";
import type { Clock } from "./clock.ts";
import { describeFailure } from "./describe-failure.ts";
import { describeReasons } from "./describe-reason.ts";
import { progressBar } from "./progress.ts";
import { safe } from "./safe.ts";
import type { Style } from "./style.ts";
import { waitingWords } from "./waiting.ts";

/** What listr2 needs of the row that it draws for a step. */
export interface StepRow {
  title: string;
  output: string;
}

/** ms between two drawings of a step's progress */
const throttle = 250;

/** A step in the live view. It has a row while it waits or runs, and keeps it when it failed. */
export class LiveStep {
  readonly id: StepId;
  /** Resolves to true when the step runs or fails, to false when its phase is over without. */
  readonly appears = Promise.withResolvers<boolean>();
  /** Resolves when the step is settled; with a message when it did not succeed. */
  readonly ended = Promise.withResolvers<string | undefined>();
  readonly #title: string;
  readonly #style: Style;
  readonly #clock: Clock;
  #running = false;
  #waited = false;
  #why = "";
  #output: string | undefined;
  #drawn = -Infinity;
  #row: StepRow | undefined;

  constructor(id: StepId, title: string, style: Style, clock: Clock) {
    this.id = id;
    this.#title = safe(title);
    this.#style = style;
    this.#clock = clock;
  }

  handle(event: StepEvent): void {
    this.#running = event.status === "started";
    if (event.status === "started") this.#begin(event);
    else if (event.status === "failed") this.#fail(event);
    // One that was cached at once has no row, and gets one if it is made again.
    else if (event.status === "done" || this.#waited) this.ended.resolve(undefined);
  }

  progress(event: Progress): void {
    const now = this.#clock.now();
    if (now - this.#drawn < throttle && event.done < event.total) return;
    this.#drawn = now;
    this.#show(progressBar(event));
  }

  attempt({ attempt, missing }: Attempt): void {
    this.#show(this.#style.warn(`attempt ${attempt}: ${safe(missing)} was missing`));
  }

  waiting(event: Waiting): void {
    this.#waited = true;
    this.appears.resolve(true);
    this.#show(event.over === true ? "" : this.#style.warn(waitingWords(event)));
  }

  /** listr2 gives the row when it begins to draw the step. */
  attach(row: StepRow): void {
    this.#row = row;
    row.title = this.title();
    if (this.#output !== undefined) row.output = this.#output;
  }

  title(): string {
    return this.#why === "" ? this.#title : `${this.#title} ${this.#style.dim(`(${this.#why})`)}`;
  }

  /** The phase is over; a step that still runs was stopped. */
  finish(): void {
    this.appears.resolve(false);
    this.ended.resolve(this.#running ? `${safe(this.id)}: stopped` : undefined);
  }

  #begin({ why }: StepEvent): void {
    this.#why = why === undefined ? "" : describeReasons(why);
    if (this.#row !== undefined) this.#row.title = this.title();
    this.appears.resolve(true);
  }

  #fail({ failure }: StepEvent): void {
    const headline = failure === undefined ? "failed" : describeFailure(failure).headline;
    this.appears.resolve(true);
    this.ended.resolve(`${safe(this.id)}: ${headline}`);
  }

  #show(text: string): void {
    this.#output = text;
    if (this.#row !== undefined) this.#row.output = text;
  }
}
