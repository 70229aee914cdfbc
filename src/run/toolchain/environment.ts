/** Environment variables as they come from outside. */
export type Environment = Readonly<Record<string, string | undefined>>;

const without = (env: Environment, drop: RegExp): Record<string, string> => {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && !drop.test(name)) kept[name] = value;
  }
  return kept;
};

/**
 * Environment for asking a tool what it is. The tools read `LLAMA_ARG_*` and a `config.ini` below `XDG_CONFIG_HOME`,
 * and either could change the answer.
 */
export const probeEnvironment = (env: Environment, emptyDirectory: string): Record<string, string> => ({
  ...without(env, /^LLAMA_ARG_/),
  XDG_CONFIG_HOME: emptyDirectory,
  GGML_NO_BACKTRACE: "1",
});

// CMAKE_PREFIX_PATH stays: on Nix and in Conda the compiler's libraries are found through it.
const steersTheBuild =
  /^(?:(?:C|CXX|CPP|LD|ASM|CUDA|NVCC)FLAGS|CMAKE_(?!PREFIX_PATH$).*|(?:GGML|LLAMA|GIT)_.*|(?:GNU)?MAKEFLAGS|MFLAGS|MAKELEVEL|LANG|LANGUAGE|LC_.*)$/;

/**
 * Environment for building: whatever would change the bytes or the language of the output is left out, and so is the
 * user's git configuration (line endings, hook templates).
 */
export const buildEnvironment = (env: Environment): Record<string, string> => ({
  ...without(env, steersTheBuild),
  LC_ALL: "C",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_TERMINAL_PROMPT: "0",
});
