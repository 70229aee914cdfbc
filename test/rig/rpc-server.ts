import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as turn } from "node:timers/promises";

/** A server of this machine's processor and memory that llama.cpp takes for a GPU. */
export interface RpcServer {
  /** host:port */
  readonly address: string;
  readonly end: () => Promise<void>;
}

export const startRpcServer = async (program: string): Promise<RpcServer> => {
  const port = await freePort();
  const child = spawn(program, ["-H", "127.0.0.1", "-p", `${port}`, "-t", "1"], { stdio: "ignore" });
  const ended = once(child, "exit");
  await Promise.race([accepts(port), ended.then(() => Promise.reject(new Error("it ended at once")))]);
  const end = async (): Promise<void> => {
    child.kill();
    await ended;
  };
  return { address: `127.0.0.1:${port}`, end };
};

/** Resolves when a connection is taken: what the server prints may lie in its buffer for long. */
const accepts = async (port: number): Promise<void> => {
  const socket = connect(port, "127.0.0.1");
  const taken = await once(socket, "connect").then(
    () => true,
    () => false,
  );
  socket.destroy();
  if (!taken) await turn(20);
  if (!taken) await accepts(port);
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
};
