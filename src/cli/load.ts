import type { Result } from "../base/result.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { loadPipeline } from "../pipeline/load.ts";
import { makeDiskReader } from "../run/disk-reader.ts";
import { formatDiagnostics } from "../report/diagnostics.ts";
import { stderr } from "./console.ts";
import { environment } from "./settings.ts";

/** Loads a pipeline file; what is odd but allowed in it is said on stderr. */
export const load = async (file: string): Promise<Result<Pipeline>> => {
  const loaded = await loadPipeline(file, makeDiskReader(environment()));
  if (!loaded.ok) return loaded;
  const { pipeline, warnings } = loaded.value;
  const output = stderr();
  if (warnings.length > 0) output.write(formatDiagnostics(warnings, { color: output.color, cwd: process.cwd() }));
  return { ok: true, value: pipeline };
};
