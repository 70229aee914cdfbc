/**
 * Colours of the plots, for light paper and for dark. Blue and vermilion stay apart for colour-blind eyes; every meaning has
 * its own shape as well.
 */
export const palette = {
  paper: ["#ffffff", "#14181d"],
  ink: ["#1f2328", "#e8ecf0"],
  quiet: ["#5b646e", "#9da7b1"],
  pass: ["#0b61a4", "#6cb6f5"],
  fail: ["#b3400c", "#f5956b"],
  undecided: ["#7b5900", "#e3b341"],
  untested: ["#6b737c", "#939da7"],
  front: ["#8d97a1", "#67717c"],
  limit: ["#b3400b", "#f5956a"],
} as const satisfies Readonly<Record<string, readonly [light: string, dark: string]>>;

export type Tint = keyof typeof palette;

/** The colour that is written into a plot: that of light paper, which a program without style sheets shows. */
export const tint = (name: Tint): string => palette[name][0];

/**
 * The rules that exchange the colours on dark paper. They look for the colours themselves: variables and classes would
 * leave a program that knows no style sheets without any colour.
 */
const darkRules = (): string =>
  Object.values(palette)
    .flatMap(([light, dark]) => ["fill", "stroke"].map((use) => `[${use}="${light}"]{${use}:${dark}}`))
    .join("");

/** The rules of all figures. Print is always on light paper. */
export const figureSheet =
  `.figure{font-variant-numeric:tabular-nums}` +
  `@media screen and (prefers-color-scheme:dark){.figure{color:#e8ecf0}${darkRules()}}`;
