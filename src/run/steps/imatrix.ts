import { copyFileSync, existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { threadsPlaceholder, type Threads } from "../../base/tool.ts";
import { ok, type Result } from "../../base/result.ts";
import { imatrixArgv, imatrixOutcome, imatrixParser, type ImatrixRequest } from "../../llama/imatrix.ts";
import { withImatrix } from "../../llama/imatrix-reader.ts";
import { writeImatrix } from "../../llama/imatrix-writer.ts";
import { rangesOf, type Range } from "../../plan/ranges.ts";
import { checkImatrixOf } from "./imatrix-check.ts";
import { judge, toolFlags } from "./judge.ts";
import type { StepContext, StepImplementation } from "./step.ts";
import { windowsOf } from "./windows.ts";

export interface RangeParams {
  readonly source: string;
  /** 1, 2, … */
  readonly range: number;
  /** n_ctx, tokens */
  readonly context: number;
}

/**
 * A range of the importance matrix of one source: mean squared activations of the model on its calibration text, up to
 * the end of the range. A range that a short text does not have gives what the one before it gave.
 */
export const imatrix: StepImplementation = {
  run: (context) => context.repeat(() => collect(context)),
  check: (output, path, context) =>
    output === "command" ? ok(null) : checkImatrixOf(path, context, windowsUpTo(context) * paramsOf(context).context),
};

const paramsOf = (context: StepContext): RangeParams => context.spec.params as unknown as RangeParams;

/** What the matrix was made from when this range is done. */
const windowsUpTo = (context: StepContext): number => {
  const { source, range } = paramsOf(context);
  const part = rangeOf(context, range);
  return part === undefined ? windowsOf(context, source) : part.from + part.chunks;
};

export const rangeOf = (context: StepContext, range: number): Range | undefined =>
  rangesOf(windowsOf(context, paramsOf(context).source))[range - 1];

const matrixFile = "imatrix.gguf";
const previousFile = "previous.gguf";
/** What the tool itself writes. */
const rawFile = "collected.gguf";

const collect = async (context: StepContext): Promise<Result<null>> => {
  const { source, range } = paramsOf(context);
  if ("command" in context.spec.outputs) writeWholeRun(context);
  const part = rangeOf(context, range);
  if (part !== undefined) return collectRange(context, part, windowsOf(context, source));
  copyFileSync(join(context.scratch, previousFile), join(context.scratch, matrixFile));
  return ok(null);
};

/** All ranges together are one run over all windows, to the last bit: that one is easier to repeat by hand. */
const writeWholeRun = (context: StepContext): void => {
  const chunks = windowsOf(context, paramsOf(context).source);
  const argv = imatrixArgv({ ...request(context, threadsPlaceholder), output: matrixFile, chunks });
  writeFileSync(context.path("command"), `${JSON.stringify({ tool: "llama-imatrix", argv })}\n`);
};

const request = (context: StepContext, threads: Threads): Omit<ImatrixRequest, "output" | "chunks"> => {
  const { source, context: window } = paramsOf(context);
  return { model: "model.gguf", text: `${source}.txt`, context: window, ...toolFlags(context, threads) };
};

/**
 * Runs the tool over a range and brings its file into the form that one run over everything would have.
 * @param total windows of the whole text, for progress
 */
export const collectRange = async (
  context: StepContext,
  { from, chunks }: Range,
  total: number,
  previous: boolean = existsSync(join(context.scratch, previousFile)),
): Promise<Result<null>> => {
  const parser = imatrixParser();
  const more = previous ? { previous: previousFile } : {};
  const argv = (threads: Threads): string[] =>
    imatrixArgv({ ...request(context, threads), ...more, output: rawFile, from, chunks });
  const run = await context.tool("llama-imatrix", argv, (text, stream) => {
    parser.push(text, stream);
    const { done, secondsPerPass = 0 } = parser.run();
    if (done > 0) context.progress(from + done, total, "chunks", secondsPerPass === 0 ? 0 : 1 / secondsPerPass);
  });
  if (!run.ok) return run;
  tidy(context);
  return judge(context, "llama-imatrix", imatrixOutcome(parser.run(), chunks), run.value);
};

/**
 * The tool lists the text once for each range. With every name once, ranges and one undisturbed run have one digest.
 * A file that cannot be read is left to the check, as it is.
 */
const tidy = (context: StepContext): void => {
  const [raw, matrix] = [join(context.scratch, rawFile), join(context.scratch, matrixFile)];
  const written = withImatrix(raw, ({ shapes, entry, ...metadata }) =>
    writeImatrix(matrix, { ...metadata, datasets: [...new Set(metadata.datasets)] }, shapes, entry),
  );
  if (written.ok) return rmSync(raw);
  rmSync(matrix, { force: true });
  if (existsSync(raw)) renameSync(raw, matrix);
};
