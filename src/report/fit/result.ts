import type { Card } from "../../select/fit/card.ts";
import type { FileFit } from "../../select/fit/file-fit.ts";
import type { MatrixRow } from "../../select/fit/matrix.ts";
import type { ContextWish } from "../../select/fit/wish.ts";
import type { Verification } from "../../select/fit/verification.ts";
import type { Budget } from "../../select/memory/budget.ts";
import type { CacheType } from "../../select/memory/cache-type.ts";

/** What `pipeline fit` found; with `--json` it is printed as it is. */
export interface FitResult {
  readonly ok: boolean;
  readonly card: Card | null;
  readonly budget: Budget | null;
  readonly wish: {
    /** Tokens of one sequence. */
    readonly context: ContextWish;
    readonly kv: readonly CacheType[];
    readonly parallel: number;
    readonly microBatch: number;
  };
  readonly files: readonly (FileFit & {
    /** Arguments of llama-server; null where the file does not fit. */
    readonly server: readonly string[] | null;
  })[];
  readonly matrix?: readonly MatrixRow[];
  readonly verification?: Verification;
}
