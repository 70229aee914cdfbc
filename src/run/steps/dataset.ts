import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { formatBytes } from "../../base/units.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { takeTexts, type TakenSum } from "../../corpus/take.ts";
import { takenLine } from "../../corpus/taken-texts.ts";
import type { HubDataset } from "../../pipeline/pipeline.ts";
import type { RemoteFiles } from "../remote-files.ts";
import type { StepContext } from "./step.ts";

export interface DatasetParams {
  readonly from: "dataset";
  readonly field: string;
  readonly seed: number;
  readonly bytes: number;
  readonly documents: number;
}

/** Takes as much text of a dataset as is asked for, and keeps it as lines. */
export const takeDataset = async (
  context: StepContext,
  params: DatasetParams,
  dataset: HubDataset,
): Promise<Result<null>> => {
  const remote = await context.remote(dataset);
  if (!remote.ok) return remote;
  try {
    const taken = await take(context, params, dataset, remote.value);
    if (!taken.ok) return taken;
    writeFileSync(context.path("taken"), `${JSON.stringify({ ...taken.value, ...origin(dataset) })}\n`);
    context.note(said(taken.value, dataset, remote.value.received()));
    return ok(null);
  } finally {
    await remote.value.close();
  }
};

const origin = ({ repository, commit, license }: HubDataset) => ({ repository, commit, license });

const take = async (
  context: StepContext,
  { field, seed, bytes, documents }: DatasetParams,
  { files }: HubDataset,
  remote: RemoteFiles,
): Promise<Result<TakenSum>> => {
  const output = openSync(context.path("content"), "w");
  try {
    const far = files.map((file) => ({
      name: file.path,
      format: /\.parquet$/i.test(file.path) ? ("parquet" as const) : ("jsonl" as const),
      open: () => remote.open(file),
    }));
    const taken = await takeTexts({ files: far, field, seed, bytes, documents }, (texts, sum) => {
      for (const text of texts) writeAll(output, takenLine(text));
      context.progress(Math.min(sum.bytes, bytes), bytes, "bytes");
    });
    const trouble = remote.trouble();
    if (trouble !== undefined) return err(trouble);
    if (taken.ok) return taken;
    const source = context.spec.id.replace("source/", "");
    return err({
      reason: "corpus-unreadable",
      count: 1,
      files: [{ source, file: taken.error.file, why: `it ${taken.error.why}` }],
    });
  } finally {
    closeSync(output);
  }
};

const writeAll = (file: number, line: string): void => {
  const bytes = Buffer.from(line);
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
};

const said = ({ documents, bytes, empty, files }: TakenSum, { repository }: HubDataset, received: number): string => {
  const without = empty === 0 ? "" : `; ${empty} rows have no text`;
  return `took ${documents} texts (${formatBytes(bytes)}) of ${files} files of ${repository}, for which ${formatBytes(received)} were fetched${without}`;
};
