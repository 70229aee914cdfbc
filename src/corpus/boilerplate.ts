/** What so many documents of a source have, and 1 % of them at least, is boilerplate: a line, or a run of words. */
export const boilerplateThreshold = (documents: number): number => Math.max(5, Math.ceil(documents / 100));
