import { writeFileSync } from "node:fs";
import { fileFailure } from "../base/failure.ts";
import { startingPipeline } from "../pipeline/template.ts";
import { fail, stdout } from "./console.ts";

/** `pipeline init [FILE]`: writes a commented pipeline to start from; an existing file is never overwritten. */
export const init = (file: string, options: { readonly json?: boolean }): number => {
  try {
    writeFileSync(file, startingPipeline(), { flag: "wx" });
  } catch (error) {
    const failure = fileFailure(error, file, "create");
    const exists = failure.reason === "file-trouble" && failure.code === "EEXIST";
    const message = `${file} exists already; name another file: pipeline init other.yaml`;
    return fail(exists ? { reason: "unusable-argument", message } : failure, options.json === true);
  }
  if (options.json === true) stdout().write(`${JSON.stringify({ file })}\n`);
  else stdout().write(`wrote ${file}; edit its paths, then: pipeline check ${file}\n`);
  return 0;
};
