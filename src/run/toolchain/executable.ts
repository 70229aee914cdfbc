import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import type { Environment } from "./environment.ts";

/** Whether a path is a file that may be run. */
export const executableState = async (path: string): Promise<"executable" | "missing" | "not-executable"> => {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile()) return "missing";
  return access(path, constants.X_OK).then(
    () => "executable",
    () => "not-executable",
  );
};

/** First directory of `PATH` that has the program; its whole path. */
export const onPath = async (program: string, env: Environment): Promise<string | undefined> => {
  if (isAbsolute(program)) return (await executableState(program)) === "executable" ? program : undefined;
  for (const directory of pathDirectories(env)) {
    const path = join(directory, program);
    if ((await executableState(path)) === "executable") return path;
  }
  return undefined;
};

/** Directories of `PATH`. Relative ones are left out: what they mean depends on where one stands. */
export const pathDirectories = (env: Environment): readonly string[] => [
  ...new Set((env["PATH"] ?? "").split(delimiter).filter(isAbsolute)),
];
