import { writeFileSync } from "node:fs";
import { formatBytes } from "../../base/units.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { checkParts } from "../../llama/parts.ts";
import type { ModelFile, ModelSource } from "../../pipeline/pipeline.ts";
import type { StepContext, StepImplementation } from "./step.ts";

/** Brings the files of the model to where all tools of the Hub look for them, and leaves a receipt in the store. */
export const fetch: StepImplementation = {
  run: async (context) => {
    const source = sourceOf(context);
    const brought = await bringAll(context, source.files);
    if (!brought.ok) return brought;
    const header = checkParts(source.files.map(({ path }) => path));
    const first = source.files[0];
    if (!header.ok && first !== undefined) return err(unusable(first, header.error.why));
    writeFileSync(context.path("receipt"), `${JSON.stringify(context.spec.params)}\n`);
    return ok(null);
  },
};

const sourceOf = ({ spec }: StepContext): ModelSource => {
  if (spec.brings === undefined) throw new Error(`Internal error: ${spec.id} brings nothing`);
  return spec.brings;
};

/** One after the other: each of them comes in several pieces at once. */
const bringAll = async (context: StepContext, files: readonly ModelFile[]): Promise<Result<null>> => {
  const total = files.reduce((sum, { fetched }) => sum + (fetched?.bytes ?? 0), 0);
  let [before, received, wasted] = [0, 0, 0];
  for (const { path, fetched } of files) {
    if (fetched === null) continue;
    const start = before;
    const brought = await context.fetch(path, fetched, (done) => context.progress(start + done, total, "bytes"));
    if (!brought.ok) return brought;
    before += fetched.bytes;
    received += brought.value.received;
    wasted += brought.value.wasted;
  }
  context.note(said(received, wasted));
  return ok(null);
};

const said = (received: number, wasted: number): string => {
  if (received === 0) return "the model was here already: its digest was checked, and nothing was fetched";
  const vain = wasted === 0 ? "" : `, of which ${formatBytes(wasted)} in vain`;
  return `fetched ${formatBytes(received)}${vain}`;
};

const unusable = ({ path, fetched }: ModelFile, why: string) =>
  ({ reason: "model-unusable", file: fetched?.what ?? path, why: `it ${why}` }) as const;
