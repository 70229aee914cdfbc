/** Longest line that is kept whole, in UTF-16 code units; the rest of a longer one is dropped. */
export const longestLine = 64 * 1024;

export interface LineReader {
  /** Takes text cut at any point. */
  readonly push: (text: string) => void;
  /** Gives out what is left as a line. */
  readonly end: () => void;
  /** The line that has not ended yet. */
  readonly rest: () => string;
}

/**
 * Cuts text into lines, which end with LF, CR or CR LF. llama.cpp prints progress without ending the line, so a start
 * of a line that matches one of `early` is given out at once as a line of its own. Each of these patterns starts with
 * `^` and ends with a character that cannot continue, or the result would depend on how the text was cut.
 */
export const lineReader = (onLine: (line: string) => void, early: readonly RegExp[] = []): LineReader => {
  let pending = "";
  let overlong = false;
  let afterReturn = false;

  const give = (line: string): void => {
    if (!overlong) onLine(line);
    overlong = false;
  };
  const takeEarly = (): void => {
    for (;;) {
      const found = firstMatch(early, pending);
      if (found === undefined) return;
      pending = pending.slice(found.length);
      give(found);
    }
  };
  const append = (text: string): void => {
    if (overlong) return;
    pending += text;
    takeEarly();
    if (pending.length <= longestLine) return;
    give(pending.slice(0, longestLine));
    pending = "";
    overlong = true;
  };
  const endLine = (mark: string): void => {
    // The LF of a CR LF whose halves arrived apart ends nothing.
    if (!(mark === "\n" && afterReturn)) {
      give(pending);
      pending = "";
    }
    afterReturn = mark === "\r";
  };
  return {
    push: (text) => {
      for (const part of text.split(/(\r|\n)/)) {
        if (part === "\r" || part === "\n") endLine(part);
        else if (part !== "") {
          afterReturn = false;
          append(part);
        }
      }
    },
    end: () => {
      if (pending !== "") give(pending);
      pending = "";
    },
    rest: () => pending,
  };
};

const firstMatch = (patterns: readonly RegExp[], text: string): string | undefined => {
  for (const pattern of patterns) {
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) return found;
  }
  return undefined;
};
