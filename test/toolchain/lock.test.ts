import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { acquireLock } from "../../src/run/toolchain/lock.ts";
import { stateOf, thisOwner, type Owner } from "../../src/run/toolchain/owner.ts";
import { scratch } from "./fake-tools.ts";

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

const lockModule = new URL("../../src/run/toolchain/lock.ts", import.meta.url).href;

/** Another process that takes the lock and keeps it. */
const holder = async (path: string): Promise<ChildProcess> => {
  const script = `const { acquireLock } = await import(process.argv[1]);
    const lock = await acquireLock(process.argv[2], { pollMs: 20 });
    console.log("held"); process.stdin.on("data", async () => { await lock.value.release(); process.exit(); });
    setInterval(() => {}, 1000);`;
  const argv = ["--input-type=module", "-e", script, lockModule, path];
  const child = spawn(process.execPath, argv, { stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  await once(child.stdout, "data");
  return child;
};

const acquire = async (path: string, signal?: AbortSignal, waits: Owner[] = []): Promise<boolean> => {
  const lock = await acquireLock(path, { signal, pollMs: 20, onWait: (owner) => void waits.push(owner) });
  if (lock.ok) await lock.value.release();
  return lock.ok;
};

test("a lock is free again after its release and leaves nothing", async () => {
  const directory = await scratch();
  const path = join(directory, "a.lock");
  expect(await acquire(path)).toBe(true);
  expect(await acquire(path)).toBe(true);
  expect(await readdir(directory)).toEqual([]);
});

test("a living owner is waited for, and named", async () => {
  const path = join(await scratch(), "a.lock");
  const child = await holder(path);
  const waits: Owner[] = [];
  const second = acquire(path, undefined, waits);
  await expect.poll(() => waits[0]?.pid).toBe(child.pid);
  child.stdin!.write("go");
  expect(await second).toBe(true);
});

test("the wait can be called off", async () => {
  const path = join(await scratch(), "a.lock");
  await holder(path);
  const started = performance.now();
  expect(await acquire(path, AbortSignal.timeout(150))).toBe(false);
  expect(performance.now() - started).toBeLessThan(2000);
});

test("the lock of a killed owner is taken over at once", async () => {
  const directory = await scratch();
  const path = join(directory, "a.lock");
  const child = await holder(path);
  child.kill("SIGKILL");
  await once(child, "exit");
  const started = performance.now();
  expect(await acquire(path)).toBe(true);
  expect(performance.now() - started).toBeLessThan(1000);
  expect(await readdir(directory)).toEqual([]);
});

test("a stopped owner keeps its lock", async () => {
  const path = join(await scratch(), "a.lock");
  const child = await holder(path);
  child.kill("SIGSTOP");
  // An old time on the file says nothing about an owner that can be looked at.
  await utimes(path, 0, 0);
  const lock = await acquireLock(path, { signal: AbortSignal.timeout(600), pollMs: 20, silenceMs: 100 });
  expect(lock).toEqual({ ok: false, error: "aborted" });
  child.kill("SIGCONT");
  child.stdin!.write("go");
  expect(await acquire(path)).toBe(true);
});

test("of many that find a dead owner one goes in at a time", async () => {
  const path = join(await scratch(), "a.lock");
  const me = await thisOwner();
  await writeFile(path, JSON.stringify({ ...me, started: "1", nonce: "dead" } satisfies Owner));
  let inside = 0;
  let most = 0;
  const visit = async (): Promise<void> => {
    const lock = await acquireLock(path, { pollMs: 5 });
    if (!lock.ok) throw new Error("aborted");
    inside += 1;
    most = Math.max(most, inside);
    await sleep(5);
    expect(await lock.value.held()).toBe(true);
    inside -= 1;
    await lock.value.release();
  };
  await Promise.all(Array.from({ length: 12 }, visit));
  expect(most).toBe(1);
});

test("one that died while it took over does not block the others", async () => {
  const path = join(await scratch(), "a.lock");
  const me = await thisOwner();
  await writeFile(path, JSON.stringify({ ...me, started: "1", nonce: "dead" } satisfies Owner));
  await writeFile(`${path}.claim-dead`, JSON.stringify({ ...me, started: "2", nonce: "dead too" } satisfies Owner));
  expect(await acquire(path)).toBe(true);
});

test("an owner on another machine is gone when it gives no sign for long enough", async () => {
  const path = join(await scratch(), "a.lock");
  const other = { ...(await thisOwner()), host: "elsewhere", nonce: "other" } satisfies Owner;
  await writeFile(path, JSON.stringify(other));
  const beat = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => undefined), 20);
  const soon = await acquireLock(path, { signal: AbortSignal.timeout(500), pollMs: 20, silenceMs: 200 });
  expect(soon.ok).toBe(false);
  clearInterval(beat);
  const later = await acquireLock(path, { pollMs: 20, silenceMs: 200 });
  expect(later.ok && (await later.value.held())).toBe(true);
  if (later.ok) await later.value.release();
});

test("who lives, who does not, and who cannot be seen", async () => {
  const me = await thisOwner();
  expect(await stateOf(me, me)).toBe("alive");
  expect(await stateOf({ ...me, started: "1" }, me)).toBe("dead");
  expect(await stateOf({ ...me, boot: "an earlier one" }, me)).toBe("dead");
  expect(await stateOf({ ...me, namespace: "a container" }, me)).toBe("elsewhere");
  expect(await stateOf({ ...me, host: "another" }, me)).toBe("elsewhere");
});

test("a lock that was lost is not removed by the one that lost it", async () => {
  const path = join(await scratch(), "a.lock");
  const lock = await acquireLock(path);
  if (!lock.ok) throw new Error("aborted");
  const thief = JSON.stringify({ ...(await thisOwner()), nonce: "thief" });
  await writeFile(path, thief);
  expect(await lock.value.held()).toBe(false);
  await lock.value.release();
  expect(await readFile(path, "utf8")).toBe(thief);
});

test("a lock file that a crash of the machine left empty is taken over", async () => {
  const path = join(await scratch(), "a.lock");
  await writeFile(path, "");
  expect(await acquire(path)).toBe(true);
});
