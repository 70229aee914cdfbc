import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { folder } from "./folder.ts";

/** Processes that all take one lock again and again; what each of them met inside (`alone`, `together`), and the lock's folder. */
export const takeTurns = async (
  processes: number,
  each: number,
): Promise<{ readonly met: readonly string[]; readonly locks: string; readonly codes: readonly number[] }> => {
  const [place, locks] = [folder(), folder()];
  const script = fileURLToPath(new URL("lock-turns.ts", import.meta.url));
  const argv = [script, join(locks, "key"), place, String(each)];
  const ends = Array.from({ length: processes }, async () => {
    const [code] = (await once(spawn(process.execPath, argv, { stdio: "inherit" }), "exit")) as [number];
    return code;
  });
  const codes = await Promise.all(ends);
  return { met: readFileSync(join(place, "turns"), "utf8").trimEnd().split("\n"), locks, codes };
};
