import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { identify, isAlive } from "../../src/store/owner.ts";

const hasProc = existsSync("/proc/self/stat");

describe("an owner", () => {
  test("is alive while its process is", async () => {
    const child = spawn("sleep", ["60"]);
    const owner = identify(child.pid!);
    expect(isAlive(owner)).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(isAlive(owner)).toBe(false);
    expect(isAlive(identify(process.pid))).toBe(true);
  });

  test("is alive while its process is stopped", async () => {
    const child = spawn("sleep", ["60"]);
    const owner = identify(child.pid!);
    child.kill("SIGSTOP");
    expect(isAlive(owner)).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
  });

  test("is not alive when its process has ended before it was written down", () => {
    const { pid } = spawnSync("true");
    expect(isAlive(identify(pid))).toBe(false);
  });

  test.runIf(hasProc)("is not alive when its pid belongs to a process that started at another time", () => {
    const owner = identify(process.pid);
    expect(owner.startTime).toMatch(/^\d+$/);
    expect(isAlive({ ...owner, startTime: String(Number(owner.startTime) + 1) })).toBe(false);
    expect(isAlive({ ...owner, startTime: "" })).toBe(false);
  });

  test.runIf(hasProc)("is not alive after another boot", () => {
    expect(isAlive({ ...identify(process.pid), boot: "00000000-0000-0000-0000-000000000000" })).toBe(false);
  });

  test("is taken for alive on another host, where nobody can look", () => {
    expect(isAlive({ ...identify(process.pid), pid: 2 ** 22 + 1, host: "another-host.invalid" })).toBe(true);
  });

  test.runIf(hasProc)("is not alive as a zombie, whenever it was written down", async () => {
    // The shell becomes a `sleep`, which never asks for the end of the shell's child.
    const parent = spawn("sh", ["-c", "sleep 60 & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "ignore"] });
    const [chunk] = (await once(parent.stdout, "data")) as [Buffer];
    const pid = Number(chunk.toString());
    const stat = (of: number): string => readFileSync(`/proc/${of}/stat`, "utf8");
    const patient = { timeout: 20_000 };
    await expect.poll(() => stat(parent.pid!), patient).toContain("(sleep)");
    const alive = identify(pid);
    expect(isAlive(alive)).toBe(true);
    process.kill(pid, "SIGKILL");
    await expect.poll(() => stat(pid), patient).toMatch(/\) Z /);
    expect(isAlive(alive)).toBe(false);
    expect(isAlive(identify(pid))).toBe(false);
    parent.kill("SIGKILL");
    await once(parent, "exit");
  });

  test.runIf(hasProc)("has the start time of a program whose name holds spaces and parentheses", async () => {
    const script = `process.title = "a) Z (b"; process.stdout.write("up"); setInterval(() => {}, 1e6)`;
    const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "ignore"] });
    await once(child.stdout, "data");
    const owner = identify(child.pid!);
    expect(owner.startTime).toMatch(/^\d+$/);
    expect(isAlive(owner)).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
  });

  test("is told apart from every other owner by its nonce", () => {
    expect(identify(process.pid).nonce).not.toBe(identify(process.pid).nonce);
  });
});
