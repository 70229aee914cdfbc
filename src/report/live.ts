import type { Event, Hashing, RunStarted } from "../base/event.ts";
import type { StepId } from "../base/ids.ts";
import type { Clock } from "./clock.ts";
import { noticeWords } from "./build.ts";
import { lockLines } from "./describe-lock.ts";
import { runListr, type LiveTree } from "./live-listr.ts";
import { LivePhase } from "./live-phase.ts";
import type { Output } from "./output.ts";
import { phasesOf } from "./phases.ts";
import { hashingLine } from "./progress.ts";
import { makeStyle, type Style } from "./style.ts";
import type { View } from "./view.ts";

/**
 * The terminal's view: a line for each phase that has begun, and under it only the steps that run or failed. listr2
 * draws; it neither schedules nor handles signals: each of its tasks waits for what the events say.
 */
export const makeLiveView = (output: Output, clock: Clock): View => {
  const view = new LiveView(output, clock);
  return { handle: (event) => view.handle(event), end: () => view.end() };
};

/** ms between two drawings of how far hashing is */
const throttle = 250;

const showCursor = "\u001b[?25h";

class LiveView {
  readonly #output: Output;
  readonly #clock: Clock;
  readonly #style: Style;
  readonly #phases = new Map<StepId, LivePhase>();
  readonly #notices: string[] = [];
  #hashed = -Infinity;
  #tree: LiveTree | undefined;
  #ended = false;

  constructor(output: Output, clock: Clock) {
    this.#output = output;
    this.#clock = clock;
    this.#style = makeStyle(output.color);
  }

  handle(event: Event): void {
    if (this.#ended) return;
    switch (event.type) {
      case "run-started":
        return this.#start(event);
      case "notice":
        return this.#notice(noticeWords(event));
      case "lock":
        return lockLines(event).forEach((line) => this.#notice(line));
      case "hashing":
        return this.#hashes(event);
      case "step":
        return this.#phases.get(event.step)?.handle(event);
      case "progress":
        return this.#phases.get(event.step)?.progress(event);
      case "attempt":
        return this.#phases.get(event.step)?.attempt(event);
      case "waiting":
        return this.#phases.get(event.step)?.waiting(event);
      case "build":
      case "result":
        return undefined;
    }
  }

  async end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    for (const phase of this.#phases.values()) phase.stop();
    try {
      await this.#tree?.end();
    } finally {
      if (this.#tree !== undefined) this.#output.write(showCursor);
    }
    // Under the live view they were only shown for a while.
    for (const notice of this.#notices) this.#output.write(`${notice}\n`);
  }

  #start({ steps }: RunStarted): void {
    const titles = new Map(steps.map(({ id, title }) => [id, title]));
    const phases = phasesOf([...titles.keys()]).map((phase) => new LivePhase(phase, titles, this.#style, this.#clock));
    for (const phase of phases) for (const step of phase.ids) this.#phases.set(step, phase);
    this.#tree = runListr(phases, this.#output, this.#style);
    for (const notice of this.#notices) this.#tree.note(notice);
  }

  #hashes(event: Hashing): void {
    const now = this.#clock.now();
    if (now - this.#hashed < throttle && event.done < event.total) return;
    this.#hashed = now;
    this.#tree?.hash(event.done < event.total ? hashingLine(event) : undefined);
  }

  #notice(text: string): void {
    this.#notices.push(text);
    this.#tree?.note(text);
  }
}
