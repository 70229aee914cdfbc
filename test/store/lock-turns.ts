// Started as a process: takes a lock again and again, and says when it was not alone inside.
// argv: the lock, a folder to work in, how many turns.
import { appendFileSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { takeLock, type Lock } from "../../src/store/lock.ts";
import { identify, isAlive, type Owner } from "../../src/store/owner.ts";
import { seal } from "../../src/store/seal.ts";

const [path = "", folder = "", turns = "0"] = process.argv.slice(2);
const inside = join(folder, "inside");

const readInside = (): Owner | undefined => {
  try {
    return JSON.parse(readFileSync(inside, "utf8")) as Owner;
  } catch {
    return undefined;
  }
};

/** A lock file as a process leaves it that dies. */
const dead = (target: string): string => {
  const owner = { ...identify(process.pid), startTime: "1" };
  const file = join(folder, owner.nonce);
  writeFileSync(file, seal({ owner, run: "dead" }));
  linkSync(file, target);
  rmSync(file);
  return owner.nonce;
};

/** Ends a turn in one of three ways: with a release, as if killed, and as if one who took over had been killed as well. */
const leave = (lock: Lock, way: number): void => {
  if (way === 0) return lock.release();
  const temporary = join(folder, `${process.pid}-left`);
  const nonce = dead(temporary);
  if (way === 2) dead(`${path}~${nonce}`);
  renameSync(temporary, path);
  return lock.release();
};

for (let turn = 0; turn < Number(turns); turn += 1) {
  const lock = await takeLock(path, { run: "turns", cancel: new AbortController().signal, poll: 1 });
  if (lock === undefined) throw new Error("no lock");
  const other = readInside();
  const me = identify(process.pid);
  writeFileSync(inside, JSON.stringify(me));
  const alone = (other === undefined || !isAlive(other)) && lock.held() && readInside()?.nonce === me.nonce;
  appendFileSync(join(folder, "turns"), alone ? "alone\n" : "together\n");
  rmSync(inside);
  leave(lock, turn % 3);
}
