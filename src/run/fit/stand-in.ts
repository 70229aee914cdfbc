import { connect, createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fitParamsArgv, parseFitParams } from "../../llama/fit-params.ts";
import type { MeasuredBuffers } from "../../select/fit/verification.ts";
import type { MemorySettings } from "../../select/memory/settings.ts";
import { command, type CommandEnd, type CommandOptions } from "../toolchain/command.ts";
import { executableState } from "../toolchain/executable.ts";

/** Two programs of llama.cpp that few builds have; both must be built with RPC. */
export interface StandIn {
  /** Says what a model would take, and allocates nothing. */
  readonly fitParams: string;
  /** Serves the processor and its memory as if it were a GPU. */
  readonly rpcServer: string;
}

/** Both beside the tools; undefined where one is missing. */
export const findStandIn = async (directory: string): Promise<StandIn | undefined> => {
  const found = { fitParams: join(directory, "llama-fit-params"), rpcServer: join(directory, "ggml-rpc-server") };
  const states = await Promise.all(Object.values(found).map((path) => executableState(path)));
  return states.every((state) => state === "executable") ? found : undefined;
};

/** How the question ended. */
type Asked = { readonly buffers: MeasuredBuffers } | { readonly ended: CommandEnd; readonly said: string };

/** Asks with a server that lives as long as the question; numbers are whole MiB. */
export const measureWithStandIn = async (
  { fitParams, rpcServer }: StandIn,
  model: string,
  settings: MemorySettings,
  options: CommandOptions,
): Promise<Asked> => {
  const port = await freePort();
  const ending = new AbortController();
  const served = command(rpcServer, ["-H", "127.0.0.1", "-p", `${port}`, "-t", "1"], {
    ...options,
    signal: ending.signal,
  });
  try {
    const died = await Promise.race([accepts(port, ending.signal), served]);
    if (died !== undefined) return { ended: died, said: died.stderr };
    const ended = await command(
      fitParams,
      fitParamsArgv({ model, server: `127.0.0.1:${port}`, ...flagsOf(settings) }),
      options,
    );
    const buffers = parseFitParams(ended.stdout);
    return buffers === undefined ? { ended, said: ended.stderr } : { buffers };
  } finally {
    ending.abort();
    await served;
  }
};

const flagsOf = ({ context, batch, microBatch, typeK }: MemorySettings) => ({
  context,
  batch,
  microBatch,
  cache: typeK,
});

/** Resolves when a connection is taken: what the server prints may lie in its buffer for long. */
const accepts = async (port: number, ending: AbortSignal): Promise<undefined> => {
  while (!ending.aborted) {
    const socket = connect(port, "127.0.0.1");
    const taken = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (taken) return undefined;
    await pause(20);
  }
  return undefined;
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
};
