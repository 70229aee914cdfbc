import { DOMParser } from "linkedom";

/** An element of a plot, as far as the tests look at it. */
export interface Mark {
  readonly words: string;
  readonly x: number;
  readonly y: number;
}

export interface Element {
  readonly getAttribute: (name: string) => string | null;
  readonly querySelector: (selector: string) => Element | null;
  readonly querySelectorAll: (selector: string) => Iterable<Element>;
  readonly textContent: string;
  readonly tagName: string;
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
}

const parse = (text: string, kind: "image/svg+xml" | "text/html"): { readonly documentElement: Element } =>
  new DOMParser().parseFromString(text, kind);

/** The root of a page. */
export const parsePage = (html: string): Element => parse(html, "text/html").documentElement;

export const parseSvg = (text: string): Element => parse(text, "image/svg+xml").documentElement;

const shift = (element: Element): [number, number] => {
  const match = /translate\(([-\d.e]+),([-\d.e]+)\)/.exec(element.getAttribute("transform") ?? "");
  return [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)];
};

/** The shapes of a group: circles by their centre, all others by where they were moved to. */
export const shapesIn = (svg: Element, group: string): Mark[] =>
  [...svg.querySelectorAll(`g.${group} > circle, g.${group} > path`)].map((shape) => {
    const [x, y] = shift(shape);
    return {
      words: shape.querySelector("title")?.textContent ?? "",
      x: x + Number(shape.getAttribute("cx") ?? 0),
      y: y + Number(shape.getAttribute("cy") ?? 0),
    };
  });

/** The lines of a group as their ends. */
export const linesIn = (svg: Element, group: string): { x1: number; x2: number; y1: number; y2: number }[] =>
  [...svg.querySelectorAll(`g.${group} > line`)].map((line) => ({
    x1: Number(line.getAttribute("x1")),
    x2: Number(line.getAttribute("x2")),
    y1: Number(line.getAttribute("y1")),
    y2: Number(line.getAttribute("y2")),
  }));

/** The numbers at an axis, with where they stand: the texts of the group of that name. */
export const ticksOf = (svg: Element, axis: "x" | "y"): { value: number; at: number }[] =>
  [...svg.querySelectorAll(`g.${axis}-ticks > text`)].map((text) => ({
    value: Number.parseFloat(text.textContent.replace("−", "-")),
    at: shift(text)[axis === "x" ? 0 : 1],
  }));
