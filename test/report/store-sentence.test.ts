import { expect, test } from "vitest";
import { copySentence, storeSentence } from "../../src/report/store-sentence.ts";
import type { StoreSummary } from "../../src/run/record.ts";

const store: StoreSummary = {
  bytes: 2 ** 30,
  actions: 34,
  collectable: 0,
  kept: 2 ** 30,
  max: 2 ** 31,
  collected: { actions: 0, bytes: 0 },
};
const said = (more: Partial<StoreSummary>): string => storeSentence({ storeSummary: { ...store, ...more } }).join("\n");

test("the size, what can be collected, what was, and why it is not smaller", () => {
  expect(said({})).toBe("Store: 1.00 GiB in 34 actions.");
  expect(said({ actions: 1, collectable: 300 * 2 ** 20 })).toBe(
    "Store: 1.00 GiB in 1 action; 300 MiB can be collected.",
  );
  expect(said({ collected: { actions: 3, bytes: 2 ** 29 } })).toBe(
    "Store: 1.00 GiB in 34 actions. Collected 3 actions (512 MiB) to come below 2.00 GiB.",
  );
  expect(said({ max: null, collected: { actions: 0, bytes: 1024 } })).toBe(
    "Store: 1.00 GiB in 34 actions. Collected 1.00 KiB that nothing refers to.",
  );
  expect(said({ max: 0 })).toContain("above the limit of 0 B: 1.00 GiB belong to runs at work, pins");
  expect(storeSentence({ storeSummary: null })).toEqual([]);
});

test("a copy of the chosen file is said, a link is not", () => {
  const links = { "a.gguf": "copy", "b.gguf": "reflink", "report.json": "copy" } as const;
  expect(copySentence({ links }, "a.gguf").join("")).toContain("is a copy");
  expect(copySentence({ links }, "b.gguf")).toEqual([]);
  expect(copySentence({ links }, undefined)).toEqual([]);
});
