import { DOMParser } from "linkedom/worker";
import { dot, plot, text, type Markish, type ScaleOptions } from "@observablehq/plot";
import { safe } from "../safe.ts";
import { figureSheet, tint, type Tint } from "./palette.ts";

/** A drawn figure: a whole SVG file, and the same for a place inside a page, which brings the style sheet itself. */
export interface Figure {
  /** Name of its file without the ending, and of its place in a page. */
  readonly id: string;
  /** What it shows, without the pipeline's name. */
  readonly caption: string;
  /** The caption with the pipeline, for a file that stands alone. */
  readonly title: string;
  readonly description: string;
  readonly file: string;
  readonly inline: string;
}

export interface Sketch extends Pick<Figure, "id" | "caption" | "description"> {
  readonly pipeline: string;
  readonly width: number;
  readonly height: number;
  readonly margins: Margins;
  readonly x: ScaleOptions;
  readonly y: ScaleOptions;
  readonly marks: readonly Markish[];
  readonly legend?: readonly LegendEntry[];
}

/** Pixels between the edges of a figure and those of what is plotted. */
export interface Margins {
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly left: number;
}

export interface LegendEntry {
  readonly words: string;
  readonly tint: Tint;
  readonly symbol: Shape;
  readonly hollow?: boolean;
  /** Of the outline. */
  readonly dashes?: string;
}

export type Shape = "circle" | "times" | "diamond" | "square" | "dash";

/** Pixels a letter of a label takes, at the size of the plots' text; nothing can measure a text here. */
export const letter = 7.2;

export const fontSize = 12;

/** What is asked of an element; the types of a browser's DOM are not those of this program. */
interface Element {
  readonly setAttribute: (name: string, value: string) => void;
  readonly getAttribute: (name: string) => string | null;
  readonly removeAttribute: (name: string) => void;
  readonly querySelectorAll: (selector: string) => Iterable<Element>;
  readonly remove: () => void;
  readonly prepend: (...elements: readonly Element[]) => void;
  readonly toString: () => string;
  textContent: string;
}

interface Document {
  readonly createElementNS: (space: string, name: string) => Element;
}

/**
 * Draws a figure. The same sketch gives the same bytes: nothing in it depends on a clock, a locale or a browser, and
 * places are rounded, so that the last bit of a logarithm does not show.
 */
export const draw = (sketch: Sketch): Figure => {
  const { id, caption, pipeline, description, width, height, margins, x, y, marks, legend = [] } = sketch;
  const title = `${caption}: ${pipeline}`;
  const document = emptyDocument();
  const svg = plot({
    document: document as never,
    width,
    height,
    marginTop: margins.top,
    marginRight: margins.right,
    marginBottom: margins.bottom,
    marginLeft: margins.left,
    className: "figure",
    x,
    y,
    marks: [...marks, ...legendMarks(legend, margins)],
  }) as unknown as Element;
  finish(svg, document, { ...sketch, title });
  const inline = String(svg);
  svg.prepend(element(document, "style", figureSheet));
  return { id, caption, title, description, file: `${String(svg)}\n`, inline };
};

/** An XML document, because its texts and attributes are written with every character escaped that could be markup. */
const emptyDocument = (): Document => new DOMParser().parseFromString("<svg/>", "image/svg+xml") as unknown as Document;

const space = "http://www.w3.org/2000/svg";

const element = (document: Document, name: string, content: string): Element => {
  const made = document.createElementNS(space, name);
  made.textContent = content;
  return made;
};

const finish = (
  svg: Element,
  document: Document,
  { id, title, description, width, height }: Sketch & Pick<Figure, "title">,
): void => {
  for (const style of svg.querySelectorAll("style")) style.remove();
  for (const each of svg.querySelectorAll("*")) {
    // The whole is one image with a title and a description: what its parts are called would be said twice.
    for (const name of ["aria-label", "aria-hidden"]) each.removeAttribute(name);
    roundPlaces(each);
  }
  const attributes = {
    xmlns: space,
    id,
    role: "img",
    "aria-labelledby": `${id}-title ${id}-text`,
    color: tint("ink"),
    "font-size": String(fontSize),
    "font-family": "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
  };
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
  const paper = element(document, "rect", "");
  for (const [name, value] of Object.entries({ width: String(width), height: String(height), fill: tint("paper") }))
    paper.setAttribute(name, value);
  const [named, described] = [element(document, "title", safe(title)), element(document, "desc", safe(description))];
  named.setAttribute("id", `${id}-title`);
  described.setAttribute("id", `${id}-text`);
  svg.prepend(named, described, paper);
};

const places = ["x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "d", "transform", "width", "height"];

const roundPlaces = (each: Element): void => {
  for (const name of places) {
    const value = each.getAttribute(name);
    if (value !== null && /\.\d{3}/.test(value))
      each.setAttribute(
        name,
        value.replaceAll(/-?\d+\.\d+(?:e-?\d+)?/g, (digits) => String(Number(Number(digits).toFixed(2)))),
      );
  }
};

/** A line of symbols and words above the plot; wraps where the figure ends. */
const legendMarks = (entries: readonly LegendEntry[], { left }: Margins): Markish[] => {
  let at = 0;
  return entries.flatMap((entry) => {
    const dx = at - left + 12;
    at += 12 + entry.words.length * letter + 22;
    return [
      ...symbolOf(entry, dx),
      text([entry.words], { ...place(dx + 10), textAnchor: "start", fill: tint("quiet") }),
    ];
  });
};

const place = (dx: number): { frameAnchor: "top-left"; lineAnchor: "middle"; dx: number; dy: number } => ({
  frameAnchor: "top-left",
  lineAnchor: "middle",
  dx,
  dy: -legendHeight,
});

/** Pixels between the legend and the frame below it. */
export const legendHeight = 42;

const symbolOf = ({ symbol, tint: colour, hollow, dashes }: LegendEntry, dx: number): Markish[] =>
  symbol === "dash"
    ? [text(["– –"], { ...place(dx - 6), textAnchor: "start", fill: tint(colour), fontWeight: 700 })]
    : [
        dot([0], {
          ...place(dx),
          symbol,
          r: dashes === undefined ? 4 : 5.5,
          strokeDasharray: dashes ?? "none",
          ...inked(colour, symbol === "times" || hollow === true),
        }),
      ];

/** A shape that is filled, or one that is only an outline; crosses have no inside. */
export const inked = (colour: Tint, outline: boolean): { fill: string; stroke: string; strokeWidth: number } =>
  outline
    ? { fill: "none", stroke: tint(colour), strokeWidth: 1.8 }
    : { fill: tint(colour), stroke: tint("paper"), strokeWidth: 1 };
