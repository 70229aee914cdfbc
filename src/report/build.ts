import cliProgress, { type SingleBar } from "cli-progress";
import type { BuildStage, Event } from "../base/event.ts";
import { asTerminal, type Output } from "./output.ts";
import { formatSeconds } from "./quantity.ts";
import { safe } from "./safe.ts";
import type { View } from "./view.ts";

/** What each stage of the build does, for people. */
export const buildWords: Readonly<Record<BuildStage["stage"], string>> = {
  fetch: "fetching the sources",
  unpack: "unpacking",
  configure: "configuring",
  compile: "compiling",
  check: "checking the tools",
  done: "built",
};

/** The build of llama.cpp has the screen for itself, so here is a real progress bar. */
export const makeBuildView = (output: Output): View => {
  let bar: SingleBar | undefined;
  const stop = (): void => {
    bar?.stop();
    bar = undefined;
  };
  return {
    handle: (event) => {
      if (event.type === "build") {
        bar ??= startBar(output, event);
        bar.update(event.fraction, { stage: buildWords[event.stage] });
        if (event.stage === "done") stop();
      } else if (event.type === "notice") {
        stop();
        output.write(`${noticeWords(event)}\n`);
      }
    },
    end: () => Promise.resolve(stop()),
  };
};

/** A notice as a line. */
export const noticeWords = ({ level, message }: Extract<Event, { readonly type: "notice" }>): string =>
  `${level === "warning" ? "warning: " : ""}${safe(message)}`;

const startBar = (output: Output, { stage, fraction }: BuildStage): SingleBar => {
  const bar = new cliProgress.SingleBar({
    format: "llama.cpp {bar} {percentage} % · {stage} · ETA {eta_formatted}",
    formatTime: (seconds) => (Number.isFinite(seconds) ? formatSeconds(seconds) : "unknown"),
    stream: asTerminal(output),
    barsize: 24,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    fps: 4,
    // Compiling reports rarely: the estimate must not freeze between two reports.
    etaAsynchronousUpdate: true,
    etaBuffer: 50,
    hideCursor: true,
    // The command line handles signals and ends the view; a second handler here would only be in its way.
    gracefulExit: false,
  });
  bar.start(1, fraction, { stage: buildWords[stage] });
  return bar;
};
