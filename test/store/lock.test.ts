import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { lockState, type Holder } from "../../src/store/lock-file.ts";
import { sweepLocks } from "../../src/store/lock-sweep.ts";
import { takeLock, tryLock } from "../../src/store/lock.ts";
import { identify, type Owner } from "../../src/store/owner.ts";
import { seal } from "../../src/store/seal.ts";
import { folder } from "./folder.ts";
import { takeTurns } from "./turns.ts";

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

const never = new AbortController().signal;
const lockModule = new URL("../../src/store/lock.ts", import.meta.url).href;

/** Another process that has the lock, until a line reaches it. */
const holder = async (path: string): Promise<ChildProcess> => {
  const script = `const { tryLock } = await import(${JSON.stringify(lockModule)});
    const lock = tryLock(${JSON.stringify(path)}, "other");
    console.log(lock === undefined ? "no" : "held");
    process.stdin.on("data", () => { lock.release(); process.exit(); });`;
  const argv = ["--input-type=module", "-e", script];
  const child = spawn(process.execPath, argv, { stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  expect(said.toString()).toBe("held\n");
  return child;
};

/** A lock file of this owner. */
const plant = (path: string, owner: Partial<Owner>): Owner => {
  const whole = { ...identify(process.pid), ...owner };
  writeFileSync(path, seal({ owner: whole, run: "planted" }));
  return whole;
};

const dead = { startTime: "1" };
const minutesAgo = (path: string, minutes: number): void => {
  const then = Date.now() / 1000 - 60 * minutes;
  utimesSync(path, then, then);
};

/** Takes the lock and gives it back; false when it is held. */
const canTake = (path: string): boolean => {
  const lock = tryLock(path, "test");
  lock?.release();
  return lock !== undefined;
};

describe("a lock", () => {
  test("is held by one, is free after its release, and leaves nothing", () => {
    const place = folder();
    const path = join(place, "key");
    const lock = tryLock(path, "run 1");
    expect(lock?.held()).toBe(true);
    expect(lockState(path)).toMatchObject({ state: "held", holder: { run: "run 1", owner: { pid: process.pid } } });
    expect(tryLock(path, "run 2")).toBeUndefined();
    lock?.release();
    lock?.release();
    expect(readdirSync(place)).toEqual([]);
    expect(canTake(path)).toBe(true);
    expect(readdirSync(place)).toEqual([]);
  });

  test("is waited for, its holder is named once, and the wait can be called off", async () => {
    const path = join(folder(), "key");
    const child = await holder(path);
    const met: (Holder | undefined)[] = [];
    const off = new AbortController();
    const onWait = (of: Holder | undefined): void => {
      met.push(of);
      setImmediate(() => off.abort());
    };
    expect(await takeLock(path, { run: "test", cancel: off.signal, poll: 5, onWait })).toBeUndefined();
    expect(met).toMatchObject([{ run: "other", owner: { pid: child.pid } }]);
    const waiting = takeLock(path, { run: "test", cancel: never, poll: 5 });
    child.stdin!.write("go\n");
    expect((await waiting)?.held()).toBe(true);
  });

  test("of a killed process is taken over at once", async () => {
    const place = folder();
    const path = join(place, "key");
    const child = await holder(path);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(canTake(path)).toBe(true);
    expect(readdirSync(place)).toEqual([]);
  });

  test("of a stopped process stays its own, however old its last sign", async () => {
    const path = join(folder(), "key");
    const child = await holder(path);
    child.kill("SIGSTOP");
    minutesAgo(path, 600);
    expect(tryLock(path, "test")).toBeUndefined();
    child.kill("SIGCONT");
    child.stdin!.write("go\n");
    await once(child, "exit");
    expect(canTake(path)).toBe(true);
  });

  test("of another boot is taken over at once, and of a reused pid", () => {
    const path = join(folder(), "key");
    plant(path, { boot: "00000000-0000-0000-0000-000000000000" });
    expect(canTake(path)).toBe(true);
    plant(path, dead);
    expect(canTake(path)).toBe(true);
  });

  test.for([
    ["another host", { host: "another-host.invalid" }],
    ["another container of this host", { namespace: "pid:[1]" }],
  ] as const)("of %s is stale after half an hour without a sign", ([, owner]) => {
    const path = join(folder(), "key");
    plant(path, { ...owner, ...dead });
    minutesAgo(path, 29);
    expect(canTake(path)).toBe(false);
    minutesAgo(path, 31);
    expect(canTake(path)).toBe(true);
  });

  test("with a sign from the future does not wait for that time", () => {
    const path = join(folder(), "key");
    plant(path, { host: "another-host.invalid" });
    minutesAgo(path, -600);
    expect(canTake(path)).toBe(true);
  });

  test.for(["", "half a li", "{}", "x".repeat(100_000), seal({ owner: { nonce: "../../x" }, run: "r" })])(
    "that is torn or forged is stale after a moment",
    (text) => {
      const place = folder();
      const path = join(place, "key");
      writeFileSync(path, text);
      expect(lockState(path)).toEqual({ state: "held", holder: undefined });
      minutesAgo(path, 1);
      expect(canTake(path)).toBe(true);
      expect(readdirSync(place)).toEqual([]);
    },
  );

  test("that was lost is neither kept alive nor removed by the one that lost it", () => {
    const path = join(folder(), "key");
    const lock = tryLock(path, "test");
    const thief = plant(`${path}.thief`, {});
    replaceText(`${path}.thief`, path);
    expect(lock?.held()).toBe(false);
    lock?.release();
    expect(lockState(path)).toMatchObject({ state: "held", holder: { owner: { nonce: thief.nonce } } });
  });
});

const replaceText = (from: string, to: string): void => {
  writeFileSync(to, readFileSync(from));
};

describe("taking over", () => {
  test("goes on behind one who was killed while it took over", () => {
    const place = folder();
    const path = join(place, "key");
    const first = plant(path, dead);
    const second = plant(`${path}~${first.nonce}`, dead);
    expect(lockState(path)).toEqual({ state: "stale", chain: [first.nonce, second.nonce] });
    expect(canTake(path)).toBe(true);
    expect(readdirSync(place)).toEqual([]);
  });

  test("waits for an heir that lives", () => {
    const path = join(folder(), "key");
    const first = plant(path, dead);
    plant(`${path}~${first.nonce}`, {});
    expect(canTake(path)).toBe(false);
  });

  test("one process at a time is inside, also when most turns begin with a dead holder", async () => {
    const { met, locks, codes } = await takeTurns(4, 60);
    expect(codes).toEqual([0, 0, 0, 0]);
    expect(met).toEqual(Array.from({ length: 240 }, () => "alone"));
    sweepLocks(locks);
    expect(readdirSync(locks)).toEqual([]);
  });
});

describe("the sweep", () => {
  test("removes what the dead left and nothing of the living", () => {
    const place = folder();
    const at = (name: string): string => join(place, name);
    const kept = tryLock(at("living"), "test");
    plant(at("living.0123456789abcdef.tmp"), {});
    plant(at("dead"), dead);
    plant(at("dead.0123456789abcdef.tmp"), dead);
    plant(at("gone~0123456789abcdef"), dead);
    plant(at("living~0123456789abcdef"), {});
    const first = plant(at("inherited"), dead);
    plant(at(`inherited~${first.nonce}`), {});
    writeFileSync(at("new.0123456789abcdef.tmp"), "");
    sweepLocks(place);
    expect(readdirSync(place).sort()).toEqual(
      [
        "living",
        "living.0123456789abcdef.tmp",
        "inherited",
        `inherited~${first.nonce}`,
        "new.0123456789abcdef.tmp",
      ].sort(),
    );
    expect(kept?.held()).toBe(true);
    kept?.release();
    expect(existsSync(at("living"))).toBe(false);
  });
});
