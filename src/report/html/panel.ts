import type { Answer } from "../../select/answer.ts";
import type { Figure } from "../plot/draw.ts";
import type { Figures } from "../plot/figures.ts";
import { markup, trusted, type Content, type Markup } from "./markup.ts";

/** A section of the page. */
export interface Panel {
  /** Its anchor. */
  readonly id: string;
  readonly title: string;
  readonly body: Markup;
}

/** Makes one section of an answer; undefined where the answer has nothing for it. */
export type MakePanel = (answer: Answer, figures: Figures) => Panel | undefined;

/** A figure with what stands below it. */
export const shown = (figure: Figure | undefined, caption: Content): Markup =>
  figure === undefined
    ? markup``
    : markup`<figure>${trusted(figure.inline)}<figcaption>${caption}</figcaption></figure>`;

/** Sentences that other forms of the report have too. */
export const prose = (sentences: readonly (string | undefined)[]): Markup =>
  markup`${sentences.map((sentence) => (sentence === undefined ? "" : markup`<p title="${proseOrigins}">${sentence}</p>`))}`;

const proseOrigins =
  "Numbers in sentences are those of the tables: sizes are measured, means derived, bounds estimated, limits given.";
