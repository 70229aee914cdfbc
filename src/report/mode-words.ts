import type { SelectMode } from "../base/select-mode.ts";

/** What each mode of selection measures. */
export const modeWords: Readonly<Record<SelectMode, string>> = {
  ladder: "every candidate gets the first look, and only those that it leaves undecided go on",
  decisive: "from the largest file down, up to the first that does not pass",
  full: "everything is measured",
};
