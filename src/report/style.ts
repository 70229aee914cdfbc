/** Puts a colour or weight on a text, or leaves it alone. */
export type Paint = (text: string) => string;

/**
 * The few styles in use. Meaning never rests on them: each also has its word or mark, and good and bad are cyan and
 * red, which stay apart for colour-blind eyes as green and red do not.
 */
export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly good: Paint;
  readonly bad: Paint;
  readonly warn: Paint;
}

/** Styles by SGR codes, or none at all. */
export const makeStyle = (color: boolean): Style => {
  const paint =
    (on: number, off: number): Paint =>
    (text) =>
      color && text !== "" ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  return { bold: paint(1, 22), dim: paint(2, 22), good: paint(36, 39), bad: paint(31, 39), warn: paint(33, 39) };
};
