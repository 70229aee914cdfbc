import { safe } from "../safe.ts";

/** HTML that may stand in a page as it is. Made by `markup`, or by `trusted` of what this program drew itself. */
export interface Markup {
  readonly html: string;
}

/** What may be put into `markup`: plain text becomes harmless, markup stays, lists are joined, nothing is left out. */
export type Content = Markup | string | number | undefined | readonly Content[];

/**
 * A template for HTML: what is put in is text unless it is markup already, so that a name from a file cannot become an
 * element by being forgotten. Quotes are escaped as well, for places inside attributes.
 */
export const markup = (parts: TemplateStringsArray, ...contents: readonly Content[]): Markup => ({
  html: parts.map((part, index) => part + (index < contents.length ? written(contents[index]) : "")).join(""),
});

/** Only for text of our own making, such as a drawn plot. */
export const trusted = (html: string): Markup => ({ html });

const written = (content: Content): string => {
  if (content === undefined) return "";
  if (typeof content === "string" || typeof content === "number") return escapeHtml(String(content));
  return "html" in content ? content.html : content.map(written).join("");
};

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Any text as text of HTML, also inside a quoted attribute. */
export const escapeHtml = (text: string): string =>
  safe(text).replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
