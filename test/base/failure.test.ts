import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fileFailure } from "../../src/base/failure.ts";
import { digest } from "../../src/base/ids.ts";

const thrownBy = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
};

describe("fileFailure", () => {
  test("calls ENOSPC a full disk and EDQUOT a quota that is used up", () => {
    const error = (code: string): Error => Object.assign(new Error("no space"), { code });
    expect(fileFailure(error("ENOSPC"), "/a", "write")).toEqual({ reason: "disk-full", path: "/a" });
    expect(fileFailure(error("EDQUOT"), "/a", "write")).toEqual({ reason: "disk-full", path: "/a", lacks: "quota" });
  });

  test("looks for the full disk where a copy goes to, not where it comes from", () => {
    const error = Object.assign(new Error("no space"), { code: "ENOSPC", path: "/from", dest: "/to" });
    expect(fileFailure(error, "/a", "write")).toEqual({ reason: "disk-full", path: "/to" });
  });

  test("names path, operation and code of what the system refused", () => {
    const error = thrownBy(() => readFileSync("/no/such/file"));
    expect(fileFailure(error, "/no/such/file", "read")).toEqual({
      reason: "file-trouble",
      path: "/no/such/file",
      operation: "read",
      code: "ENOENT",
    });
  });

  test("takes Node's own codes about files for trouble with a file", () => {
    const folder = mkdtempSync(join(tmpdir(), "failure-"));
    const error = thrownBy(() => rmSync(folder));
    expect(fileFailure(error, folder, "remove")).toMatchObject({ code: "ERR_FS_EISDIR" });
    rmSync(folder, { recursive: true });
  });

  test.each([
    ["an error without a code", (): unknown => JSON.parse("{")],
    ["a wrong argument, although Node gives it a code", () => writeFileSync(undefined as unknown as string, "")],
    [
      "something that is no error",
      () => {
        // oxlint-disable-next-line typescript/only-throw-error
        throw "text";
      },
    ],
  ])("throws %s on, since that is a bug", (_, work) => {
    const error = thrownBy(work);
    expect(thrownBy(() => fileFailure(error, "/a", "write"))).toBe(error);
  });
});

test("digest takes 64 lower-case hex digits only", () => {
  expect(digest("0".repeat(64))).toBe("0".repeat(64));
  for (const text of ["0".repeat(63), "A".repeat(64), `${"0".repeat(64)}\n`, ""])
    expect(() => digest(text)).toThrow("Internal error");
});
