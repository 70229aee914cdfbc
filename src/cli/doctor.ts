import { examine } from "../run/toolchain/doctor.ts";
import { formatFindings } from "../report/findings.ts";
import { stdout } from "./console.ts";
import { exitCodes } from "./exit-code.ts";
import { findOptions } from "./find-tools.ts";
import type { SharedOptions } from "./settings.ts";

/** `pipeline doctor`: what this machine has, what it lacks, and the one line that mends it. */
export const doctor = async (options: SharedOptions): Promise<number> => {
  const examination = await examine(findOptions(options));
  const out = stdout();
  if (options.json === true) out.write(`${JSON.stringify(examination)}\n`);
  else out.write(formatFindings(examination.findings, { color: out.color }));
  return examination.usable ? 0 : exitCodes.toolchain;
};
