import type { Backend } from "../pipeline/pipeline.ts";
import { findToolchain } from "../run/toolchain/find.ts";
import { makeView } from "../report/view.ts";
import { fail, stdout, viewKind } from "./console.ts";
import { buildToolchain, findOptions } from "./find-tools.ts";
import type { SharedOptions } from "./settings.ts";
import { cancelOnSignals } from "./signals.ts";

export interface InstallCommandOptions extends SharedOptions {
  readonly backend: Backend;
  readonly native?: boolean;
}

/** `pipeline toolchain install`: makes the managed build of llama.cpp, or finds it made. */
export const installCommand = async (options: InstallCommandOptions): Promise<number> => {
  const build = { backend: options.backend, native: options.native === true };
  const view = await makeView(viewKind(options.json === true), stdout());
  const made = await buildToolchain(build, view.handle, cancelOnSignals());
  await view.end();
  if (!made.ok) return fail(made.error, options.json === true);
  const { directory, version } = made.value;
  const result = { type: "result", ok: true, exitCode: 0, directory };
  stdout().write(options.json === true ? `${JSON.stringify(result)}\n` : `llama.cpp ${version}\n${directory}\n`);
  return 0;
};

/** `pipeline toolchain path`: the directory of the tools in use, alone on a line. */
export const pathCommand = async (options: SharedOptions): Promise<number> => {
  const found = await findToolchain(findOptions(options));
  if (!found.ok) return fail(found.error, options.json === true);
  const { directory, version, origin } = found.value.toolchain;
  stdout().write(options.json === true ? `${JSON.stringify({ directory, version, origin })}\n` : `${directory}\n`);
  return 0;
};
