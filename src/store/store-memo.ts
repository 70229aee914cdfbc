import { sep } from "node:path";
import type { Layout } from "./layout.ts";
import { openMemo, type Memo } from "./memo.ts";

/**
 * The memo of a store. With `alwaysHash` what it notes of files outside of the store is not believed; those inside are
 * our own, and nobody writes to them once they are there.
 */
export const openStoreMemo = (layout: Layout, alwaysHash: boolean): Memo =>
  openMemo(layout.memo, {
    readOnly: layout.readOnly,
    distrusted: (path) => alwaysHash && !path.startsWith(`${layout.root}${sep}`),
  });
