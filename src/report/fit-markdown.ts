/** A part of a Markdown text. */
export interface Section {
  readonly text: string;
  /** What stands in its place when the whole is too long, perhaps nothing; a section without this always stays. */
  readonly shorter?: string;
  /** The highest goes first. */
  readonly rank?: number;
}

/** Bytes: a comment on GitHub may have 65,536 characters, and some room is left for what a workflow puts around it. */
export const commentLimit = 64_000;

/** Sections as one text, shortened from the highest rank on until it fits. Counted in bytes, of which no character has less than one. */
export const fitMarkdown = (sections: readonly Section[], limit = commentLimit): string => {
  const texts = sections.map(({ text }) => text);
  const order = sections
    .map(({ rank = 0, text, shorter = text }, index) => ({
      rank,
      shorter,
      index,
      spares: text.length - shorter.length,
    }))
    .filter(({ spares }) => spares > 0)
    .toSorted((a, b) => b.rank - a.rank);
  for (const { shorter, index } of order) {
    if (Buffer.byteLength(joined(texts)) <= limit) break;
    texts[index] = shorter;
  }
  return joined(texts);
};

const joined = (texts: readonly string[]): string => `${texts.filter((text) => text !== "").join("\n\n")}\n`;
