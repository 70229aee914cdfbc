import type { Pipeline } from "../pipeline/pipeline.ts";

/** Domains whose held-out text decides, each once, in the order in which they take turns. */
export const gatedDomains = ({ validate }: Pipeline): readonly string[] => [validate.domain];
