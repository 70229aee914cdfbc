import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import type { FitResult } from "../../src/report/fit/result.ts";
import { writeHeaderGguf } from "../rig/header-gguf.ts";
import { headerModel } from "../rig/header-models.ts";
import { oracle } from "../rig/oracle.ts";
import { Rig } from "../rig/rig.ts";
import { realTools } from "../rig/tools.ts";

test("a server of the processor stands in for the GPU where the tools have one, and confirms the 8B model", async () => {
  const { fitParams, rpcServer } = await oracle();
  using rig = new Rig();
  writeHeaderGguf(rig.path("model.gguf"), headerModel("llama-3.1-8b"));
  mkdirSync(rig.path("tools"));
  for (const tool of readdirSync(realTools())) symlinkSync(join(realTools(), tool), rig.path("tools", tool));
  symlinkSync(fitParams, rig.path("tools/llama-fit-params"));
  symlinkSync(rpcServer, rig.path("tools/ggml-rpc-server"));
  const ended = await rig.exec("fit", "model.gguf", "--vram", "24GiB", "--verify", "--json", "--llama-cpp", "tools");
  expect(ended.code, ended.stderr).toBe(0);
  const { verification } = JSON.parse(ended.stdout) as FitResult;
  expect(verification).toMatchObject({ by: "stand-in", tool: "llama-fit-params", within: true });
  const cache = verification?.rows.find(({ name }) => name === "cache");
  expect(cache?.predicted).toBe(cache?.measured);
  expect(rig.survivors()).toEqual([]);
}, 900_000);

test("the command line starts the server, where there is one", async ({ skip }) => {
  const folders = [realTools(), ...(process.env["PATH"] ?? "").split(delimiter)];
  const server = folders.map((folder) => join(folder, "llama-server")).find((path) => existsSync(path));
  skip(server === undefined, "no llama-server beside the tools or on PATH: its command line was not tried");
  using rig = new Rig();
  const ended = await rig.exec("fit", "models/pocket-f16.gguf", "--vram", "8GiB", "--json");
  const [file] = (JSON.parse(ended.stdout) as FitResult).files;
  const child = spawn(server ?? "", [...(file?.server ?? []), "--host", "127.0.0.1", "--port", "0"], {
    cwd: rig.folder,
    env: rig.environment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const listens = new Promise<string>((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (text: Buffer) => /listening/.test(text.toString()) && resolve("listening"));
  });
  expect(await Promise.race([listens, once(child, "exit").then(([code]) => `ended with ${code}`)])).toBe("listening");
  // Told to end in the moment in which it begins to listen, it may wait for ever.
  child.kill("SIGKILL");
  await once(child, "exit");
}, 60_000);
