import { expect, test } from "vitest";
import { sha256 } from "../../src/base/canonical.ts";
import { stepId } from "../../src/base/ids.ts";
import { formatCollection, formatPin, formatUsage, formatVerification, readingLine } from "../../src/report/cache.ts";
import type { CacheUsage, CacheVerification } from "../../src/run/cache-view.ts";

const bare = { color: false, columns: 80 };
const evil = "c\u001b[2J\nat";
const action = {
  key: sha256("key"),
  pipeline: evil,
  step: stepId("quantize/Q4_K_M"),
  bytes: 2 ** 30,
  lastUse: "2026-01-02T03:04:05.678Z",
  kept: "no",
} as const;
const usage: CacheUsage = {
  store: "/cache",
  bytes: 2 ** 32,
  max: 2 ** 31,
  collectable: 2 ** 30,
  unreferenced: 0,
  quarantine: { files: 1, bytes: 12 },
  pins: [evil],
  rows: [{ ...action, actions: 2 }],
  actions: [action, action],
};

test("a list: sizes, shares, and names that draw nothing", () => {
  expect(formatUsage(usage, bare)).toMatchInlineSnapshot(`
    "pipeline      step             actions      size  last use          kept
    c\\x1b[2J\\nat  quantize/Q4_K_M        2  1.00 GiB  2026-01-02 03:04

    /cache: 4.00 GiB in 2 actions; at most 2.00 GiB after a run
    1.00 GiB (25 %) can be collected
    0 B (0 %) nothing refers to
    Quarantine: 12 B in 1 file
    Pinned: c\\x1b[2J\\nat
    It is larger than it may be; the next run or \`pipeline cache gc\` makes it
    smaller.
    "
  `);
});

test("a verification: what was looked at, and each damage with its steps", () => {
  const sound: CacheVerification = {
    ok: true,
    full: false,
    seconds: 0,
    records: 2,
    objects: 1,
    bytes: 12,
    hashedBytes: 0,
    damages: [],
  };
  expect(formatVerification(sound, bare)).toBe(
    "2 records and 1 object of 12 B looked at; sizes only (--full reads every byte)\n✓ sound\n",
  );
  const damages = [
    { what: "object", how: "wrong-bytes", name: sha256("a"), steps: [action.step], quarantined: "/q/a" },
    { what: "record", how: "torn", name: sha256("b"), steps: [] },
  ] as const;
  const text = formatVerification({ ...sound, ok: false, full: true, hashedBytes: 12, seconds: 2, damages }, bare);
  expect(text).toContain("(quantize/Q4_K_M) has other bytes than its name says, moved to /q/a\n");
  expect(text).toContain("is damaged\n2 things damaged or missing.");
});

test("a collection: what went, and why not more", () => {
  const collection = {
    dryRun: false,
    busy: false,
    actions: [action],
    files: 2,
    before: 2 ** 31,
    after: 2 ** 30,
    max: 4,
    kept: 9,
  };
  const text = formatCollection(collection, bare);
  expect(text).toContain("Collected 1 action and 2 files that nothing refers to: 2.00 GiB → 1.00 GiB (limit 4 B)");
  expect(text).toContain("That is above the limit: 9 B belong to runs at work");
  expect(text).not.toContain("\u001b");
  expect(formatCollection({ ...collection, dryRun: true, max: null }, bare)).toContain("Would collect 1 action");
  expect(formatCollection({ ...collection, busy: true }, bare)).toContain("nothing was done");
});

test("how far a reading is, and what a pin does", () => {
  expect(readingLine(2 ** 30, 2 ** 32, 2)).toBe("Reading: 1.00 GiB of 4.00 GiB at 512 MiB/s, 6 s left");
  expect(readingLine(0, 0, 0)).toBe("Reading: 0 B of 0 B at 0 B/s");
  expect(formatPin(evil, 1)).toBe(`${String.raw`c\x1b[2J\nat`}: 1 action pinned, and kept whatever later runs make\n`);
});
