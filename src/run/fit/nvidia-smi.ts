import { command } from "../toolchain/command.ts";

/** Watches what nvidia-smi counts as used, over all GPUs. */
export interface NvidiaSmi {
  /** Bytes by which the most that was seen is above what was in use before; null without nvidia-smi. */
  readonly end: () => Promise<number | null>;
}

/** Asks again and again: what is loaded stays so for a moment only. Others on the GPU are counted as well. */
export const watchNvidiaSmi = (env: Readonly<Record<string, string>>): NvidiaSmi => {
  const ending = new AbortController();
  const watching = watch(env, ending.signal);
  return {
    end: async () => {
      ending.abort();
      return watching;
    },
  };
};

const watch = async (env: Readonly<Record<string, string>>, ending: AbortSignal): Promise<number | null> => {
  const before = await usedBytes(env);
  if (before === undefined) return null;
  let most = before;
  while (!ending.aborted) most = Math.max(most, (await usedBytes(env)) ?? 0);
  return most - before;
};

const usedBytes = async (env: Readonly<Record<string, string>>): Promise<number | undefined> => {
  const argv = ["--query-gpu=memory.used", "--format=csv,noheader,nounits"];
  const { stdout, trouble } = await command("nvidia-smi", argv, { env, timeoutMs: 5000 });
  const mebibytes = stdout.split("\n").filter((line) => /^\s*\d+\s*$/.test(line));
  if (trouble !== undefined || mebibytes.length === 0) return undefined;
  return mebibytes.reduce((sum, line) => sum + Number(line), 0) * 1024 ** 2;
};
