import type { BuildStage, Event, Hashing, Progress, RunStarted, StepEvent, Waiting } from "../base/event.ts";
import type { StepId } from "../base/ids.ts";
import { unreachable } from "../base/result.ts";
import { buildWords } from "./build.ts";
import type { Clock } from "./clock.ts";
import { describeFailure } from "./describe-failure.ts";
import { lockLines } from "./describe-lock.ts";
import { describeReasons, isNoLoss } from "./describe-reason.ts";
import type { Output } from "./output.ts";
import { hashingLine, progressLine } from "./progress.ts";
import { formatSeconds, plural } from "./quantity.ts";
import { safe } from "./safe.ts";
import { makeStyle, type Style } from "./style.ts";
import type { View } from "./view.ts";
import { waitingWords } from "./waiting.ts";

/** One line for every change of state (what a failure needs besides is printed at the end), and for each running step one a minute: a silent log of hours looks dead. */
export const makePlainView = (output: Output, clock: Clock): View => {
  const view = new PlainView(output, clock);
  return { handle: (event) => view.handle(event), end: () => Promise.resolve(view.end()) };
};

const heartbeat = 60_000;

interface Running {
  readonly since: number;
  readonly stop: () => void;
  progress?: Progress;
  /** What it waits for at present. */
  waiting?: { readonly words: string; readonly since: number };
}

class PlainView {
  readonly #output: Output;
  readonly #clock: Clock;
  readonly #style: Style;
  readonly #running = new Map<StepId, Running>();
  /** When the last line on hashing was written. */
  #hashed: number | undefined;
  #build: { readonly stage: BuildStage["stage"]; readonly at: number } | undefined;

  constructor(output: Output, clock: Clock) {
    this.#output = output;
    this.#clock = clock;
    this.#style = makeStyle(output.color);
  }

  handle(event: Event): void {
    switch (event.type) {
      case "run-started":
        return this.#line(opening(event));
      case "step":
        return this.#step(event);
      case "progress":
        return this.#progress(event);
      case "hashing":
        return this.#hashes(event);
      case "lock":
        return lockLines(event).forEach((line) => this.#line(line));
      case "attempt":
        return this.#line(`${safe(event.step)} attempt ${event.attempt}: ${safe(event.missing)} was missing`);
      case "waiting":
        return this.#waiting(event);
      case "notice":
        return this.#line(`${event.level === "warning" ? this.#style.warn("warning: ") : ""}${safe(event.message)}`);
      case "build":
        return this.#stage(event);
      case "result":
        return undefined;
    }
  }

  end(): void {
    for (const { stop } of this.#running.values()) stop();
    this.#running.clear();
  }

  #step(event: StepEvent): void {
    this.#running.get(event.step)?.stop();
    this.#running.delete(event.step);
    if (event.status === "started") this.#begin(event.step);
    this.#line(`${safe(event.step)} ${stepWords(event, this.#style)}`);
  }

  #begin(step: StepId): void {
    const stop = this.#clock.every(heartbeat, () => this.#beat(step));
    this.#running.set(step, { since: this.#clock.now(), stop });
  }

  /** A step may wait before it has started, or when it has. */
  #waiting(event: Waiting): void {
    if (!this.#running.has(event.step)) this.#begin(event.step);
    const running = this.#running.get(event.step);
    if (running === undefined) return;
    delete running.waiting;
    if (event.over === true) return;
    running.waiting = { words: waitingWords(event), since: this.#clock.now() };
    this.#line(`${safe(event.step)} ${running.waiting.words}`);
  }

  #beat(step: StepId): void {
    const running = this.#running.get(step);
    if (running === undefined) return;
    if (running.waiting !== undefined) {
      const { words, since } = running.waiting;
      return this.#line(`${safe(step)} ${words}, for ${formatSeconds((this.#clock.now() - since) / 1000)}`);
    }
    const elapsed = `running for ${formatSeconds((this.#clock.now() - running.since) / 1000)}`;
    const words = running.progress === undefined ? elapsed : `${progressLine(running.progress)}, ${elapsed}`;
    return this.#line(`${safe(step)} ${words}`);
  }

  #progress(event: Progress): void {
    const running = this.#running.get(event.step);
    if (running !== undefined) running.progress = event;
  }

  #hashes(event: Hashing): void {
    const now = this.#clock.now();
    if (this.#hashed !== undefined && now - this.#hashed < heartbeat && event.done < event.total) return;
    this.#hashed = now;
    this.#line(hashingLine(event));
  }

  #stage({ stage, fraction }: BuildStage): void {
    const now = this.#clock.now();
    if (this.#build?.stage === stage && now - this.#build.at < heartbeat) return;
    this.#build = { stage, at: now };
    this.#line(`llama.cpp: ${buildWords[stage]}${stage === "done" ? "" : ` (${Math.floor(fraction * 100)} %)`}`);
  }

  #line(text: string): void {
    this.#output.write(`${this.#style.dim(`[${timeOf(this.#clock.now())}]`)} ${text}\n`);
  }
}

/** Local time, as the rest of a log has it. */
const timeOf = (milliseconds: number): string => new Date(milliseconds).toTimeString().slice(0, 8);

const opening = ({ run, pipeline, steps, store }: RunStarted): string =>
  `${safe(pipeline)}: ${plural(steps.length, "step")}, run ${safe(run)}, store ${safe(store)}`;

const stepWords = (event: StepEvent, style: Style): string => {
  const why = event.why === undefined || event.why.length === 0 ? "" : ` (${describeReasons(event.why)})`;
  switch (event.status) {
    case "cached":
      return style.dim("cached");
    case "started":
      return `started${why}`;
    case "done":
      return `${style.good("done")}${event.seconds === undefined ? "" : ` in ${formatSeconds(event.seconds)}`}`;
    case "failed":
      return `${style.bad("failed")}${event.failure === undefined ? "" : `: ${describeFailure(event.failure).headline}`}`;
    case "skipped":
      return isNoLoss(event.why ?? []) ? style.dim(`not needed${why}`) : `${style.warn("skipped")}${why}`;
    default:
      return unreachable(event.status);
  }
};
