import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { stepId } from "../../src/base/ids.ts";
import type { DiskShort } from "../../src/base/failure.ts";
import { DiskBudget, marginOf, shortage, type Writes } from "../../src/run/disk.ts";
import { roomAt } from "../../src/run/full-disk.ts";

const MiB = 2 ** 20;
const GiB = 2 ** 30;

describe("the arithmetic", () => {
  test("a margin of 5 %, and never less than 64 MiB", () => {
    expect(marginOf(0)).toBe(64 * MiB);
    expect(marginOf(20 * 64 * MiB)).toBe(64 * MiB);
    expect(marginOf(20 * 64 * MiB + 1)).toBe(64 * MiB + 1);
    expect(marginOf(140 * GiB)).toBe(7 * GiB);
  });

  test("what fits to the byte fits, and one byte less does not", () => {
    const need = 2 * GiB + 3 * GiB + marginOf(2 * GiB);
    expect(shortage(2 * GiB, 3 * GiB, need)).toBeUndefined();
    expect(shortage(2 * GiB, 3 * GiB, need - 1)).toEqual({
      writes: 2 * GiB,
      others: 3 * GiB,
      margin: marginOf(2 * GiB),
      need,
      free: need - 1,
    });
  });
});

describe("DiskBudget", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "disk-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const wish = (name: string, bytes: number): Writes => {
    const scratch = join(folder, name);
    mkdirSync(scratch, { recursive: true });
    return { step: stepId(name), bytes, scratch, store: folder };
  };

  /** More than is free, whatever others write to this disk meanwhile. */
  const tooMuch = (): number => (roomAt(folder)?.free ?? 0) * 2;

  const refusal = (budget: DiskBudget, writes: Writes): DiskShort => {
    const admitted = budget.admit(writes);
    if (admitted.ok) throw new Error("it was let in");
    return admitted.error;
  };

  test("refuses what does not fit, with the sum", () => {
    const failure = refusal(new DiskBudget(), wish("a", tooMuch()));
    expect(failure).toMatchObject({ reason: "disk-short", step: "a", path: folder, others: 0 });
    expect(failure.need).toBe(failure.writes + failure.others + failure.margin);
    expect(failure.free).toBeLessThan(failure.need);
  });

  test("counts what others still have to write, less what they have written, until they have settled", () => {
    const budget = new DiskBudget();
    const first = wish("a", 8 * MiB);
    const admitted = budget.admit(first);
    if (!admitted.ok) throw new Error("it was not let in");
    expect(admitted.value.need).toBe(8 * MiB);
    expect(refusal(budget, wish("b", tooMuch())).others).toBe(8 * MiB);
    writeFileSync(join(first.scratch, "out"), Buffer.alloc(3 * MiB, 1));
    expect(refusal(budget, wish("b", tooMuch())).others).toBe(5 * MiB);
    writeFileSync(join(first.scratch, "out"), Buffer.alloc(9 * MiB, 1));
    expect(refusal(budget, wish("b", tooMuch())).others).toBe(0);
    rmSync(join(first.scratch, "out"));
    admitted.value.settle();
    admitted.value.settle();
    expect(refusal(budget, wish("b", tooMuch())).others).toBe(0);
  });

  test("takes links to inputs for nothing that a step has written", () => {
    const budget = new DiskBudget();
    const first = wish("a", 8 * MiB);
    writeFileSync(join(folder, "input"), Buffer.alloc(2 * MiB, 1));
    linkSync(join(folder, "input"), join(first.scratch, "hard"));
    symlinkSync(join(folder, "input"), join(first.scratch, "soft"));
    expect(budget.admit(first).ok).toBe(true);
    expect(refusal(budget, wish("b", tooMuch())).others).toBe(8 * MiB);
  });

  test("one that was refused is not counted", () => {
    const budget = new DiskBudget();
    refusal(budget, wish("a", tooMuch()));
    expect(budget.admit(wish("b", 1)).ok).toBe(true);
  });

  test("does not ask where the file system does not say what is free", () => {
    expect(roomAt("/proc")).toBeUndefined();
    expect(roomAt(join(folder, "not", "there"))).toBeDefined();
  });
});
