import { open, readdir, readFile } from "node:fs/promises";
import { arch, cpus, hostname, platform } from "node:os";
import { byCodeUnit, sha256 } from "../../base/canonical.ts";

/** What of this machine decides how code runs on it. */
export interface Host {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** Processor features as the kernel names them; empty where it does not tell. */
  readonly features: ReadonlySet<string>;
  /** Names the processor's instruction sets: equal on machines that run the same code the same way. */
  readonly processor: string;
}

/** Reads this machine's processor. */
export const readHost = async (): Promise<Host> => {
  const features = await readFeatures();
  // Only what code is chosen by: other flags come and go with the kernel's version.
  const computing = [...features].filter((name) =>
    /^(?:s?sse|avx|fma|f16c|bmi|amx|asimd|sve|sme|i8mm|bf16|fphp)/.test(name),
  );
  const named = computing.length > 0 ? computing.sort(byCodeUnit).join(" ") : (cpus()[0]?.model ?? "unknown");
  return { platform: platform(), arch: arch(), features, processor: sha256(`${arch()} ${named}`).slice(0, 12) };
};

const readFeatures = async (): Promise<ReadonlySet<string>> => {
  const text = await head("/proc/cpuinfo", 8192).catch(() => "");
  const line = /^(?:flags|Features)\s*: (.*)$/m.exec(text)?.[1];
  return new Set(line?.split(" ") ?? []);
};

/** The first bytes only: on a machine with hundreds of cores the whole file takes long to make. */
const head = async (path: string, bytes: number): Promise<string> => {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
};

/** Names the accelerators of this machine as far as that is cheap, so that what a tool said of them can be kept. */
export const acceleratorTag = async (): Promise<string> => {
  const driver = "/proc/driver/nvidia";
  const cards = await readdir(`${driver}/gpus`).catch(() => []);
  const files = [`${driver}/version`, ...cards.map((card) => `${driver}/gpus/${card}/information`)];
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8").catch(() => "")));
  const render = await readdir("/dev/dri").catch(() => []);
  return sha256(JSON.stringify([hostname(), texts, render.sort(byCodeUnit)])).slice(0, 16);
};
