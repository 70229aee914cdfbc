import { unreachable } from "../base/result.ts";
import type { Failure } from "../base/failure.ts";

/** Exit codes, on which scripts branch (docs/failures.md). */
export const exitCodes = {
  certified: 0,
  failed: 1,
  usage: 2,
  nothingCertified: 3,
  doesNotFit: 3,
  toolchain: 4,
  regression: 5,
} as const;

/** The exit code for a failure of any kind. */
export const exitCodeOf = (failure: Failure): number => {
  switch (failure.reason) {
    case "invalid-pipeline":
    case "unusable-argument":
    case "logits-disk":
      return exitCodes.usage;
    case "toolchain-missing":
    case "toolchain-build-failed":
      return exitCodes.toolchain;
    case "interrupted":
      return { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }[failure.signal];
    case "model-unusable":
    case "corpus-unreadable":
    case "corpus-short":
    case "corpus-overlap":
    case "source-failed":
    case "fetch-failed":
    case "tool-failed":
    case "tool-incomplete":
    case "tool-stalled":
    case "artifact-invalid":
    case "not-reproduced":
    case "imatrix-uncovered":
    case "imatrix-unusable":
    case "input-changed":
    case "disk-short":
    case "disk-full":
    case "file-trouble":
    case "frozen-changed":
    case "store-read-only":
    case "deadline":
      return exitCodes.failed;
    default:
      return unreachable(failure);
  }
};
