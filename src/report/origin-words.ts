import type { Origin } from "../select/origins.ts";

/** What the words for an origin mean. */
export const originWords: Readonly<Record<Origin, string>> = {
  measured: "Read off a file or printed by a tool.",
  derived: "Computed from measured numbers without an assumption.",
  estimated: "Holds under a model, here that units of text are independent draws of their domain.",
  given: "Set by the pipeline file, or by a rule of this program before anything was measured.",
};
