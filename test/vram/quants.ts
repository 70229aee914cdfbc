import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { ModelShape } from "../../src/base/model-shape.ts";
import { dryRunArgv, quantizeOutcome, quantizeParser } from "../../src/llama/quantize.ts";
import { quantizedShape } from "../../src/llama/quantized-shape.ts";
import { writeHeaderGguf } from "../rig/header-gguf.ts";
import { headerModel } from "../rig/header-models.ts";
import { shapeOfModel } from "../rig/header-shape.ts";

/** The shape of a model of the list in a type of llama-quantize, by a dry run over a file of holes in `folder`. */
export const quantOf = (tools: string, folder: string, name: string, type: string): ModelShape => {
  const model = `${name}-f16.gguf`;
  writeHeaderGguf(join(folder, model), headerModel(name));
  const argv = dryRunArgv({ model, type, threads: 1 });
  const { stdout, stderr } = spawnSync(join(tools, "llama-quantize"), argv, { cwd: folder, encoding: "utf8" });
  const parser = quantizeParser();
  parser.push(stdout, "stdout");
  parser.push(stderr, "stderr");
  const outcome = quantizeOutcome(parser.run());
  if (outcome.status !== "complete")
    throw new Error(`${name} ${type}: ${JSON.stringify(outcome)} ${stderr.slice(-500)}`);
  const shape = quantizedShape(shapeOfModel(name), parser.run());
  if (!shape.ok) throw new Error(`${name} ${type}: the tensor ${shape.error}`);
  return shape.value;
};
