import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runId } from "../../src/base/ids.ts";
import { ballastBytes, layBallast, withBallast } from "../../src/store/ballast.ts";
import { openJournal, readJournal } from "../../src/store/journal.ts";
import { codeOf, folder, openStore } from "./folder.ts";

const refusal = (code: string): Error => Object.assign(new Error(code), { code });

/** Fails as a full disk does for as long as the ballast lies there. */
const writeBeside = (ballast: string, code: string): { readonly write: () => string; readonly tries: () => number } => {
  let tries = 0;
  const write = (): string => {
    tries += 1;
    if (statSync(ballast, { throwIfNoEntry: false }) !== undefined) throw refusal(code);
    return "written";
  };
  return { write, tries: () => tries };
};

describe("layBallast", () => {
  test("takes its room for real, once, and makes good what is too short", () => {
    const path = join(folder(), "ballast");
    layBallast(path);
    const first = statSync(path);
    expect(first.size).toBe(ballastBytes);
    expect(first.blocks * 512).toBeGreaterThanOrEqual(ballastBytes);
    layBallast(path);
    expect(statSync(path).mtimeMs).toBe(first.mtimeMs);
    writeFileSync(path, "short");
    layBallast(path);
    expect(statSync(path).size).toBe(ballastBytes);
  });

  test("says nothing where it cannot be made", () => {
    layBallast(join(folder(), "none", "ballast"));
    const path = join(folder(), "ballast");
    mkdirSync(path);
    layBallast(path);
    expect(statSync(path).isDirectory()).toBe(true);
  });
});

describe("withBallast", () => {
  test.each(["ENOSPC", "EDQUOT"])("gives up the ballast on %s and writes once more", (code) => {
    const path = join(folder(), "ballast");
    layBallast(path);
    const { write, tries } = writeBeside(path, code);
    expect(withBallast(path, write)).toBe("written");
    expect(tries()).toBe(2);
    expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined();
  });

  test("keeps it for any other trouble", () => {
    const path = join(folder(), "ballast");
    layBallast(path);
    expect(codeOf(() => withBallast(path, writeBeside(path, "EIO").write))).toBe("EIO");
    expect(statSync(path).size).toBe(ballastBytes);
  });

  test("does not try again where there is none to give up", () => {
    const path = join(folder(), "ballast");
    let tries = 0;
    const write = (): never => {
      tries += 1;
      throw refusal("ENOSPC");
    };
    expect(codeOf(() => withBallast(path, write))).toBe("ENOSPC");
    expect(tries).toBe(1);
  });

  test("throws what the second try throws", () => {
    const path = join(folder(), "ballast");
    layBallast(path);
    const write = (): never => {
      throw refusal(statSync(path, { throwIfNoEntry: false }) === undefined ? "EIO" : "ENOSPC");
    };
    expect(codeOf(() => withBallast(path, write))).toBe("EIO");
  });
});

test("a journal is written as before where there is no ballast", () => {
  const { layout } = openStore();
  rmSync(layout.ballast, { force: true });
  const run = runId("2026-01-02T03-04-05-678Z-abcdef");
  openJournal(layout, run)({ type: "ended" });
  expect(readJournal(layout, run)).toEqual([{ type: "ended" }]);
});
