import {
  Listr,
  ListrDefaultRendererLogLevels as Level,
  ListrLogger,
  ProcessOutput,
  type ListrTask,
  type LoggerFormat,
} from "listr2";
import type { LivePhase } from "./live-phase.ts";
import type { LiveStep } from "./live-step.ts";
import { asTerminal, type Output } from "./output.ts";
import type { Paint, Style } from "./style.ts";

/** A running listr2. */
export interface LiveTree {
  /** Shows a line under the tree for as long as it is drawn. */
  readonly note: (text: string) => void;
  /** Shows how far the reading of inputs is, in one line; undefined when it is over. */
  readonly hash: (text: string | undefined) => void;
  /** Draws the last frame, once every phase has been stopped. */
  readonly end: () => Promise<void>;
}

/** No task stops another, and none waits for another: the scheduler has decided all that already. */
const alongside = { concurrent: true, exitOnError: false } as const;

/** Starts drawing the phases; listr2 runs until all of them are settled and `end` is called. */
export const runListr = (phases: readonly LivePhase[], output: Output, style: Style): LiveTree => {
  const notes = noteTask(3);
  const hashing = noteTask(1);
  const renderer = rendererOptions(output, style);
  const listr = new Listr([...phases.map(phaseTask), notes.task, hashing.task], {
    ...alongside,
    // Signals belong to the command line; listr2 would end the process with 127.
    registerSignalListeners: false,
    // The second is for when process.stdout is no terminal: `output` decides, and it is one.
    renderer: "default",
    fallbackRenderer: "default",
    rendererOptions: renderer,
    fallbackRendererOptions: renderer,
  });
  const drawn = listr.run();
  // A bug in drawing must not end a run of hours: it is thrown when the run is over.
  drawn.catch(() => undefined);
  return {
    note: notes.show,
    hash: (text) => (text === undefined ? hashing.close() : hashing.show(text)),
    end: async () => {
      notes.close();
      hashing.close();
      await drawn;
    },
  };
};

const rendererOptions = (output: Output, style: Style) => ({
  // One line a row: a wrapped one would scroll the terminal.
  formatOutput: "truncate" as const,
  collapseSubtasks: true,
  logger: new ListrLogger<Level>({
    useIcons: true,
    processOutput: new ProcessOutput(asTerminal(output), asTerminal(output)),
  }),
  // Its own colours follow the environment and not `output.color`.
  color: levelColors(style),
});

const paint =
  (style: Paint): LoggerFormat =>
  (text = "") =>
    style(text);

const levelColors = ({ good, bad, warn, dim }: Style): Record<Level, LoggerFormat> => {
  return {
    [Level.SKIPPED_WITH_COLLAPSE]: paint(warn),
    [Level.SKIPPED_WITHOUT_COLLAPSE]: paint(warn),
    [Level.OUTPUT]: paint(dim),
    [Level.OUTPUT_WITH_BOTTOMBAR]: paint(dim),
    [Level.PENDING]: paint(warn),
    [Level.COMPLETED]: paint(good),
    [Level.COMPLETED_WITH_FAILED_SUBTASKS]: paint(bad),
    [Level.COMPLETED_WITH_FAILED_SISTER_TASKS]: paint(bad),
    [Level.RETRY]: paint(warn),
    [Level.ROLLING_BACK]: paint(warn),
    [Level.ROLLED_BACK]: paint(warn),
    [Level.FAILED]: paint(bad),
    [Level.FAILED_WITH_FAILED_SUBTASKS]: paint(bad),
    [Level.WAITING]: paint(dim),
    [Level.PAUSED]: paint(warn),
    [Level.CANCELLED]: paint(bad),
  };
};

const phaseTask = (phase: LivePhase): ListrTask => ({
  title: phase.title(),
  enabled: whenKnown(phase.begun.promise),
  task: (_, row) => {
    phase.attach({
      set title(text: string) {
        row.title = text;
      },
      skip: (message) => row.skip(message),
    });
    return row.newListr(phase.steps.map(stepTask), alongside);
  },
});

const stepTask = (step: LiveStep): ListrTask => ({
  title: step.title(),
  enabled: whenKnown(step.appears.promise),
  task: async (_, row) => {
    step.attach(row);
    const message = await step.ended.promise;
    if (message !== undefined) return row.fail(new Error(message));
    // A row without text is not drawn: its phase counts it from now on.
    row.title = "";
    return undefined;
  },
});

/**
 * listr2 asks twice whether a task is enabled: all tasks before it begins, then each one on its own. A task that is
 * not in sight yet answers no and then lets the second question wait.
 */
const whenKnown = (answer: Promise<boolean>): (() => boolean | Promise<boolean>) => {
  let asked = false;
  return () => {
    if (asked) return answer;
    asked = true;
    return false;
  };
};

/** A task without title: the last lines of its output stand under the tree until it is closed. */
const noteTask = (lines: number): { task: ListrTask; show: (text: string) => void; close: () => void } => {
  const closed = Promise.withResolvers<void>();
  const early: string[] = [];
  let show = (text: string): void => void early.push(text);
  return {
    task: {
      task: async (_, row) => {
        show = (text) => {
          row.output = text;
        };
        for (const text of early) show(text);
        await closed.promise;
      },
      rendererOptions: { bottomBar: lines },
      fallbackRendererOptions: { bottomBar: lines },
    },
    show: (text) => show(text),
    close: () => {
      // listr2 has no place for the output of a task that has ended.
      show = () => undefined;
      closed.resolve();
    },
  };
};
