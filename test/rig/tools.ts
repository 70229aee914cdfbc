import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The built program. */
export const bin = fileURLToPath(new URL("../../dist/bin.js", import.meta.url));

/** Directory of the real llama.cpp tools; the global setup has built them where they were missing. Asked once: every command needs it. */
export const realTools = (): string =>
  (known ??= execFileSync(process.execPath, [bin, "toolchain", "path"], { encoding: "utf8" }).trim());

let known: string | undefined;
