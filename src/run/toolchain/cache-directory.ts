import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

const name = "gguf-pipeline";

/**
 * Where the managed builds and what is known about found tools are kept: `$XDG_CACHE_HOME/gguf-pipeline`, by default
 * `~/.cache/gguf-pipeline`, and `~/Library/Caches/gguf-pipeline` on macOS. These are the places of `env-paths`, which
 * is not used because it reads the process's own environment once, at import, and so cannot be told another.
 */
export const cacheDirectory = (
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): string => {
  const home = env["HOME"] ?? homedir();
  if (platform === "darwin") return join(home, "Library", "Caches", name);
  const xdg = env["XDG_CACHE_HOME"];
  // The specification asks for a relative value to be ignored.
  return xdg !== undefined && isAbsolute(xdg) ? join(xdg, name) : join(home, ".cache", name);
};
