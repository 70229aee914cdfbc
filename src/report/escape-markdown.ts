import { safe } from "./safe.ts";

/**
 * Any text as inert Markdown in one line, also inside a table: names come from files, and a report is read in a
 * browser. Underscores and stops inside words stay as they are, so that `Q4_K_M` is still found by searching.
 */
export const escapeMarkdown = (text: string): string =>
  safe(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll(/[\\`*[\]|~$!#]/g, "\\$&")
    .replaceAll(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, "\\_")
    // Bare addresses become links in GitHub's dialect, and an at sign a mention.
    .replaceAll("://", "&#58;//")
    .replaceAll(/\bwww\./gi, (www) => `${www.slice(0, 3)}&#46;`)
    .replaceAll("@", "&#64;");
