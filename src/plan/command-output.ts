import type { OutputSpec } from "./step.ts";

/** The exact arguments, kept for `reproduce.sh`. */
export const command: OutputSpec = { file: "command.json" };
