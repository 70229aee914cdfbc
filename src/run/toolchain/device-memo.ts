import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256 } from "../../base/canonical.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { command } from "./command.ts";
import { parseDevices, type Device } from "./device.ts";
import { probeEnvironment, type Environment } from "./environment.ts";
import { acceleratorTag } from "./host.ts";
import { readSealed, writeSealed } from "./sealed.ts";

/** Variables that hide cards or change their order. */
const visibility = ["CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "GGML_VK_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES"];

/** Text that names the accelerators of this machine and which of them are visible. */
export const acceleratorsKey = async (env: Environment): Promise<string> =>
  JSON.stringify([await acceleratorTag(), ...visibility.map((name) => env[name] ?? null)]);

/** The accelerators that the tools in `directory` see here. Asking starts the driver, so the answer is kept. */
export const devicesHere = async (
  directory: string,
  cacheDir: string,
  env: Environment,
): Promise<Result<readonly Device[], string>> => {
  const key = sha256(`${directory}\n${await acceleratorsKey(env)}`);
  const memo = join(cacheDir, "probes", `devices-${key.slice(0, 32)}.json`);
  const known = await readSealed<{ readonly devices: readonly Device[] }>(memo);
  if (known !== undefined) return ok(known.devices);
  const asked = await askDevices(directory, env);
  // Only an answer that names a card is kept: a driver may come up later.
  if (asked.ok && asked.value.length > 0) await writeSealed(memo, { devices: asked.value }).catch(() => undefined);
  return asked;
};

const askDevices = async (directory: string, env: Environment): Promise<Result<readonly Device[], string>> => {
  const empty = await mkdtemp(join(tmpdir(), "gguf-pipeline-probe-"));
  try {
    const options = { env: probeEnvironment(env, empty), cwd: empty, timeoutMs: 60_000 };
    const answer = await command(join(directory, "llama-perplexity"), ["--list-devices"], options);
    return answer.trouble === undefined ? ok(parseDevices(answer.stdout)) : err(`--list-devices ${answer.trouble}`);
  } finally {
    await rm(empty, { recursive: true, force: true });
  }
};
