import { spawnSync } from "node:child_process";
import { bin } from "./tools.ts";

/** Before all tests: the program is built by `npm test`; the tools are found, or built once for all projects. */
export const setup = (): void => {
  const found = spawnSync(process.execPath, [bin, "toolchain", "path"], { encoding: "utf8" });
  if (found.status === 0) return;
  const built = spawnSync(process.execPath, [bin, "toolchain", "install"], { stdio: "inherit" });
  if (built.status !== 0) throw new Error("the llama.cpp tools could not be built; see above");
};
