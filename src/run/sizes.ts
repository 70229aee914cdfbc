import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { stepId } from "../base/ids.ts";
import type { Toolchain } from "../base/tool.ts";
import { toolEnvironment } from "../llama/env.ts";
import { dryRunArgv, quantizedBytes, quantizeOutcome, quantizeParser } from "../llama/quantize.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { makeLadder, type Ladder } from "../select/prune.ts";
import type { Layout } from "../store/layout.ts";
import { readLatest } from "../store/records.ts";
import { provenanceForm } from "./steps/provenance.ts";
import { command } from "./toolchain/command.ts";

/** The candidates from the largest file to the smallest, before any of them is built. */
export interface SizesEstimate extends Ladder {
  /** `derived` from the dry runs of the last run; `estimated` from dry runs without the importance matrix. */
  readonly origin: "derived" | "estimated";
}

/** Undefined where llama-quantize cannot say: the run will tell why. */
export const estimateSizes = async (
  pipeline: Pipeline,
  toolchain: Toolchain,
  layout: Layout,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<SizesEstimate | undefined> => {
  const frozen = lastLadder(pipeline, layout);
  if (frozen !== undefined) return { ...frozen, origin: "derived" };
  const sizes = [];
  for (const type of pipeline.quantize.types) {
    const parser = quantizeParser();
    const ended = await command(
      join(toolchain.directory, "llama-quantize"),
      dryRunArgv({ model: pipeline.model, type, threads: 1 }),
      {
        env: toolEnvironment(environment, layout.emptyFolder),
        cwd: layout.emptyFolder,
        onText: (text) => parser.push(text, "stdout"),
      },
    );
    const said = parser.run();
    const bytes = quantizedBytes(
      said,
      statSync(pipeline.model).size,
      provenanceForm(toolchain, type, pipeline.imatrix.import === null),
    );
    if (ended.trouble !== undefined || quantizeOutcome(said).status !== "complete" || !bytes.ok) return undefined;
    sizes.push({ type, bytes: bytes.value });
  }
  return { ...makeLadder(sizes, pipeline.quantize.dominated), origin: "estimated" };
};

/** Of the same types, as the last run found them; a change of the matrix moves a size by bytes at most. */
const lastLadder = ({ name, quantize }: Pipeline, layout: Layout): Ladder | undefined => {
  const object = readLatest(layout, name, stepId("ladder"))?.outputs["ladder"];
  if (object === undefined) return undefined;
  try {
    const ladder = JSON.parse(readFileSync(layout.object(object.digest), "utf8")) as Ladder;
    const types = [...ladder.rungs, ...ladder.pruned].map(({ type }) => type);
    return types.length === quantize.types.length && quantize.types.every((type) => types.includes(type))
      ? ladder
      : undefined;
  } catch {
    return undefined;
  }
};
