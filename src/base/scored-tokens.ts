/** Tokens of a window that are scored: the second half but its last token (perplexity.cpp). 255 of 512. */
export const scoredTokens = (context: number): number => context - 1 - Math.floor(context / 2);
