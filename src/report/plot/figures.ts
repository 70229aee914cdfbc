import type { Answer } from "../../select/answer.ts";
import { curve } from "./curve.ts";
import type { Figure } from "./draw.ts";
import { gateFigure } from "./gate-figure.ts";
import { shares } from "./shares.ts";
import { tail } from "./tail.ts";

/** All figures of a report. */
export interface Figures {
  readonly curve: Figure;
  /** The same for a screen as wide as a hand. */
  readonly narrowCurve: Figure;
  /** By domain, in the order of the tolerances. */
  readonly perplexity: readonly Figure[];
  readonly kld: readonly Figure[];
  readonly topLoss: readonly Figure[];
  readonly tail: Figure | undefined;
  readonly shares: Figure | undefined;
}

/** Draws every figure of an answer. */
export const drawFigures = (answer: Answer): Figures => ({
  curve: curve(answer, { id: "curve", width: 860, height: 460 }),
  narrowCurve: curve(answer, { id: "curve-narrow", width: 400, height: 380 }),
  perplexity: byDomain(answer, "lnPplRatio", "perplexity"),
  kld: byDomain(answer, "kld", "kld"),
  topLoss: byDomain(answer, "topLoss", "same-top"),
  tail: tail(answer),
  shares: shares(answer),
});

const byDomain = (answer: Answer, measure: "lnPplRatio" | "kld" | "topLoss", name: string): Figure[] =>
  answer.tolerances.flatMap(({ domain }, index) => {
    // By number: the name of a domain comes from a file, and this becomes the name of one.
    const id = answer.tolerances.length === 1 ? name : `${name}-${index + 1}`;
    const figure = gateFigure(answer, measure, domain, id);
    return figure === undefined ? [] : [figure];
  });

/** Those that become files of their own, for Markdown and for slides; the narrow one is for the page alone. */
export const figureFiles = (figures: Figures): { readonly file: string; readonly text: string }[] =>
  [figures.curve, ...figures.perplexity, ...figures.kld, ...figures.topLoss, figures.tail, figures.shares].flatMap(
    (figure) => (figure === undefined ? [] : [{ file: `${figure.id}.svg`, text: figure.file }]),
  );
