/**
 * Why a step is not a cache hit. A fixed list, shown by `plan` and `run`, in JSON and on the terminal; each code is
 * explained in docs/cache.md (held by a test).
 */
export type Reason =
  /** No record of this step exists in the store. */
  | { readonly code: "never-ran" }
  /** A parameter of the step differs from its last run. */
  | { readonly code: "parameter"; readonly field: string; readonly from: string; readonly to: string }
  /** The bytes of an input differ. */
  | { readonly code: "input"; readonly field: string; readonly from: string; readonly to: string }
  /** Other tool bytes than last time. */
  | { readonly code: "tool"; readonly field: string; readonly from: string; readonly to: string }
  /** Another backend, device or instruction set. */
  | { readonly code: "numeric-class"; readonly field: string; readonly from: string; readonly to: string }
  /** The way this step works changed with the version of this program. */
  | { readonly code: "step-version"; readonly from: string; readonly to: string }
  /** The record is there, but an output is gone from the store or was damaged. */
  | { readonly code: "output-missing"; readonly field: string }
  /** An output that is not kept is needed by a step that must run. */
  | { readonly code: "needed-again"; readonly field: string }
  /** An upstream step will run; if its outputs come out equal, this step is spared. */
  | { readonly code: "upstream"; readonly field: string }
  /** `--force` names this step. */
  | { readonly code: "forced" }
  /** `--only` does not name this step. */
  | { readonly code: "not-selected" }
  /** A step it needs failed or was skipped. */
  | { readonly code: "upstream-failed"; readonly field: string }
  /** The run ended before its turn. */
  | { readonly code: "stopped" }
  /** A verdict makes it needless: of the candidate itself, of one of its domains, or of a larger candidate. */
  | {
      readonly code: "decided";
      readonly field: string;
      readonly verdict: "PASS" | "FAIL" | "UNDECIDED";
      readonly domain?: string;
    }
  /** By rule another type of the ladder beats this one, so it is not tried. */
  | { readonly code: "dominated"; readonly field: string }
  /** It would measure a type only if that were chosen; the field is that type. */
  | { readonly code: "not-chosen"; readonly field: string }
  /** No step that ran reads what it makes. */
  | { readonly code: "not-needed" }
  /** Whether it is needed shows in measurements that are not made yet. */
  | { readonly code: "undecided-yet" };

export type ReasonCode = Reason["code"];
