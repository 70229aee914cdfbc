import { command } from "./command.ts";
import { buildEnvironment, type Environment } from "./environment.ts";

/**
 * Identification of a pair of compilers: the first lines of their `--version` and the machine they compile for. With
 * the options it decides the bytes, so it enters the name and the identity of a build.
 */
export const compilerVersion = async (cc: string, cxx: string, env: Environment): Promise<string> => {
  const [cxxVersion, ccVersion, machine] = await Promise.all([
    said(cxx, "--version", env),
    said(cc, "--version", env),
    said(cxx, "-dumpmachine", env),
  ]);
  const both = cxxVersion === ccVersion ? cxxVersion : `${cxxVersion}; ${ccVersion}`;
  return `${both}; ${machine}`;
};

/** First line, without the name the program was called by: `cc` and `c++` of one compiler say the same. */
const said = async (program: string, flag: string, env: Environment): Promise<string> => {
  const { stdout } = await command(program, [flag], { env: buildEnvironment(env), timeoutMs: 20_000 });
  return (stdout.split("\n")[0] ?? "").replace(/^(?:g?cc|[cg]\+\+)\S* /, "gcc ").trim();
};
