import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileFailure, type Failure } from "../../base/failure.ts";
import { stepId } from "../../base/ids.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { Toolchain } from "../../base/tool.ts";
import { type ByteSource, readGgufFrom } from "../../llama/byte-source.ts";
import { toolEnvironment } from "../../llama/env.ts";
import { dryRunArgv, quantizeOutcome, quantizeParser, quantizedBytes } from "../../llama/quantize.ts";
import { quantizedShape } from "../../llama/quantized-shape.ts";
import type { FitFile } from "../../select/fit/file-fit.ts";
import { command } from "../toolchain/command.ts";
import { copyName, type FitModel, unreadable } from "./model-files.ts";

export interface DryRunOptions {
  readonly toolchain: Toolchain;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
}

/**
 * The files that llama-quantize would make of a model, largest first. The dry runs read a copy that has the model's header and
 * is otherwise a hole: so they are quick, touch nothing of the user's, and need no more of a model than its header. Its types
 * do not matter for the sizes, so a model that is quantized already will do.
 */
export const quantFiles = async (
  model: FitModel,
  types: readonly string[],
  options: DryRunOptions,
): Promise<Result<FitFile[]>> => {
  const folder = await mkdtemp(join(tmpdir(), "gguf-pipeline-fit-"));
  try {
    const copied = await copyHeaders(model, folder);
    if (!copied.ok) return copied;
    const files: FitFile[] = [];
    for (const type of types) {
      const file = await dryRun(model, type, folder, options);
      if (!file.ok) return file;
      files.push(file.value);
    }
    return ok(files.toSorted((a, b) => b.bytes - a.bytes));
  } catch (error) {
    return err(fileFailure(error, folder, "write"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const copyHeaders = async ({ name, files }: FitModel, folder: string): Promise<Result<null>> => {
  for (const [index, file] of files.entries()) {
    const target = join(folder, copyName(index, files.length));
    const copied = await file.read((source) => copyHeader(source, target));
    if (!copied.ok) return err(unreadable(name, file, copied.error));
  }
  return ok(null);
};

const copyHeader = async (source: ByteSource, target: string) => {
  const gguf = await readGgufFrom(source);
  if (!gguf.ok) return gguf;
  const header = await source.read(0, Math.min(source.size, gguf.value.dataOffset));
  if (!header.ok) return header;
  await using file = await open(target, "wx");
  await file.writeFile(header.value);
  await file.truncate(gguf.value.bytes);
  return ok(null);
};

const dryRun = async (
  { shape, bytes, files }: FitModel,
  type: string,
  folder: string,
  { toolchain, environment, signal }: DryRunOptions,
): Promise<Result<FitFile>> => {
  const parser = quantizeParser();
  const ended = await command(
    join(toolchain.directory, "llama-quantize"),
    dryRunArgv({ model: copyName(0, files.length), type, threads: 1 }),
    {
      env: toolEnvironment(environment, folder),
      cwd: folder,
      onText: (text) => parser.push(text, "stdout"),
      signal,
    },
  );
  const said = parser.run();
  const outcome = quantizeOutcome(said);
  if (ended.trouble !== undefined || outcome.status !== "complete")
    return err(
      failed(type, ended.trouble ?? (outcome.status === "refused" ? outcome.message : "its output was cut short")),
    );
  const [size, made] = [quantizedBytes(said, bytes), quantizedShape(shape, said)];
  if (!size.ok) return err(failed(type, `the size of the tensor ${size.error.name} cannot be told`));
  if (!made.ok) return err(failed(type, `the tensor ${made.error} cannot have its type`));
  return ok({ name: type, bytes: size.value, shape: made.value });
};

const failed = (type: string, message: string): Failure => ({
  reason: "tool-failed",
  tool: "llama-quantize --dry-run",
  step: stepId(`quantize/${type}`),
  message,
  lastLines: [],
  log: "",
});
