import { readdir, realpath } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import { byCodeUnit } from "../../base/canonical.ts";
import { command } from "./command.ts";
import type { Environment } from "./environment.ts";

const ours = /^lib(?:llama|ggml)[-.\w]*\.(?:so|dylib)(?:\.[\d.]+)?$/;

/**
 * The shared libraries whose code an executable may run and that came with it: what the loader reports, plus the
 * backends that ggml looks for by name when it starts, which the loader knows nothing of. Real paths, sorted.
 */
export const librariesOf = async (executable: string, env: Environment): Promise<readonly string[]> => {
  const home = dirname(await realpath(executable));
  const loaded = await loadedLibraries(executable, home, env);
  const own = loaded.filter((path) => ours.test(basename(path)) || isBelow(path, dirname(home)));
  const places = new Set([home, join(home, "..", "lib"), ...own.map(dirname)]);
  const plugins = await Promise.all([...places].map(pluginsIn));
  const named = env["GGML_BACKEND_PATH"];
  const all = [...own, ...plugins.flat(), ...(named === undefined ? [] : [named])];
  const real = await Promise.all(all.map((path) => realpath(path).catch(() => undefined)));
  return [...new Set(real.filter((path) => path !== undefined))].sort(byCodeUnit);
};

/** `/` and `/usr` hold the whole system: that a library is there too says nothing. */
const isBelow = (path: string, prefix: string): boolean =>
  prefix !== sep && prefix !== "/usr" && path.startsWith(prefix + sep);

/** Backends are next to the libraries, or below a directory `ggml` there, as some distributions have it. */
const pluginsIn = async (directory: string): Promise<readonly string[]> => {
  const here = await readdir(directory).catch(() => []);
  const below = await readdir(join(directory, "ggml"), { recursive: true }).catch(() => []);
  const names = [...here, ...below.map((name) => join("ggml", name))];
  return names.filter((name) => ours.test(basename(name))).map((name) => join(directory, name));
};

const loadedLibraries = async (executable: string, home: string, env: Environment): Promise<readonly string[]> =>
  process.platform === "darwin" ? throughOtool([executable], home, env) : throughLdd(executable, env);

const definedOnly = (env: Environment): Record<string, string> =>
  Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));

const throughLdd = async (executable: string, env: Environment): Promise<readonly string[]> => {
  const { stdout } = await command("ldd", [executable], { env: definedOnly(env), timeoutMs: 10_000 });
  return parseLdd(stdout);
};

/** Paths in the output of `ldd`; a library that was linked by its path stands there without a name. */
export const parseLdd = (output: string): readonly string[] =>
  [...output.matchAll(/^\s+(?:\S.* => )?(\/.*) \(0x[0-9a-f]+\)$/gm)].flatMap(([, path]) => path ?? []);

/** `otool` names direct dependencies only, so they are followed. */
const throughOtool = async (from: readonly string[], home: string, env: Environment): Promise<readonly string[]> => {
  const found = new Set<string>();
  const open = [...from];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { stdout } = await command("otool", ["-L", next], { env: definedOnly(env), timeoutMs: 10_000 });
    for (const path of parseOtool(stdout, home)) {
      if (ours.test(basename(path)) && !found.has(path)) open.push(path);
      found.add(path);
    }
  }
  return [...found];
};

/** Paths in the output of `otool -L`; a name relative to the loader is looked for where the tools keep libraries. */
export const parseOtool = (output: string, home: string): readonly string[] =>
  [...output.matchAll(/^\t(\S.*?) \(compatibility/gm)].flatMap(([, path]) => {
    if (path === undefined) return [];
    return path.startsWith("@") ? [join(home, basename(path)), join(home, "..", "lib", basename(path))] : [path];
  });
