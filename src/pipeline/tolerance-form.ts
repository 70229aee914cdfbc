/**
 * The keys of bounds of one's own. A mapping with any of them is one tolerance for all domains, any other is by domain:
 * so a tolerance by domain cannot name a domain that is called like one of them.
 */
export const boundKeys = ["ppl", "ppl-delta", "kld", "same-top", "confidence"] as const;

export const isMapping = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether a tolerance is a mapping of bounds. An empty one is: what it lacks is a bound. */
export const isCustom = (value: unknown): value is object =>
  isMapping(value) && (Object.keys(value).length === 0 || boundKeys.some((key) => Object.hasOwn(value, key)));

/** Whether a tolerance is a mapping from domains to tolerances. */
export const isByDomain = (value: unknown): value is object => isMapping(value) && !isCustom(value);

/** Whether a text was meant as a percentage, rightly or not, and not as a word. */
export const isLikePercent = (value: unknown): value is string =>
  typeof value === "string" && /^\s*[-+.,\d]|%/.test(value);
