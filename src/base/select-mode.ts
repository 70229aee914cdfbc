/**
 * How much is measured. `ladder`: every candidate gets the first look, so that the curve is whole, and only the undecided
 * go on. `decisive`: from the largest file down, stopping at the first that does not pass. `full`: everything.
 */
export const selectModes = ["ladder", "decisive", "full"] as const;
export type SelectMode = (typeof selectModes)[number];
