import { err, ok, type Result } from "../base/result.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { formatDiagnostics } from "../report/diagnostics.ts";
import { loadAgain } from "../run/load-again.ts";
import { readsStdin, takePiped } from "../run/piped.ts";
import { annotateWarnings } from "./annotate.ts";
import { stderr } from "./console.ts";
import type { Writes } from "../store/checked.ts";
import { makeDiskReader } from "../run/disk-reader.ts";
import { pipelineMemory } from "./pipeline-memory.ts";
import { networkEnvironment, storeDirectory, type SharedOptions } from "./settings.ts";

/** Loads a pipeline file; what is odd but allowed in it is said on stderr. */
export const load = async (file: string, options: SharedOptions, remembers?: Writes): Promise<Result<Pipeline>> => {
  const memory = pipelineMemory(options, remembers);
  const loaded = await loadAgain(file, makeDiskReader(networkEnvironment(options)), memory);
  if (!loaded.ok) return loaded;
  const { pipeline, warnings } = loaded.value;
  const output = stderr();
  if (warnings.length > 0) output.write(formatDiagnostics(warnings, { color: output.color, cwd: process.cwd() }));
  annotateWarnings(warnings);
  return ok(pipeline);
};

/** The same, with what is piped in where a source reads that. */
export const loadWithStdin = async (
  file: string,
  options: SharedOptions,
  remembers?: Writes,
): Promise<Result<Pipeline>> => {
  const loaded = await load(file, options, remembers);
  if (!loaded.ok || !readsStdin(loaded.value)) return loaded;
  if (!process.stdin.isTTY)
    return takePiped(loaded.value, process.stdin, storeDirectory(options), options.cacheReadOnly);
  const message = `a source of ${file} reads standard input, and nothing is piped in: pipeline run ${file} < texts.jsonl`;
  return err({ reason: "unusable-argument", message });
};
