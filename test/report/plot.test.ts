import { describe, expect, test } from "vitest";
import { curve } from "../../src/report/plot/curve.ts";
import { drawFigures, figureFiles } from "../../src/report/plot/figures.ts";
import { lossScale, rolled, unrolled } from "../../src/report/plot/loss-scale.ts";
import { spreadOf } from "../../src/report/spread.ts";
import { worstGate } from "../../src/report/worst-gate.ts";
import type { Answer } from "../../src/select/answer.ts";
import { answerOf, candidate, close, iq2, iq3, q4, q4General, q8, tolerance, twoDomains } from "./answers.ts";
import { linesIn, parseSvg, shapesIn, ticksOf } from "./svg.ts";

const mib = 2 ** 20;
const pruned = [{ type: "Q4_0", bytes: 3 * mib, by: "IQ4_XS", source: "a table" }];
const answer = answerOf([q8, q4, close, iq2], { pruned, tolerances: [tolerance({ sameTop: 0.9 })] });

type Scale = (at: number) => number;

/** Pixels back to values, by two numbers at the axis; all others must agree with them. */
const reading = (ticks: readonly { value: number; at: number }[], bend: Scale, back: Scale): Scale => {
  const [first, last] = [ticks[0]!, ticks.at(-1)!];
  const slope = (bend(last.value) - bend(first.value)) / (last.at - first.at);
  const read: Scale = (at) => back(bend(first.value) + (at - first.at) * slope);
  for (const { value, at } of ticks) expect(read(at)).toBeCloseTo(value, 1);
  return read;
};
const straight: Scale = (value) => value;

/** A figure read back: values of the marks, by the name that stands first in their words. */
const readBack = (
  text: string,
  constant: number,
): { marks: Map<string, { size: number; loss: number; group: string }>; bounds: [number, number][]; limit: number } => {
  const svg = parseSvg(text);
  const size = reading(ticksOf(svg, "x"), straight, straight);
  const loss = reading(
    ticksOf(svg, "y"),
    (value) => unrolled(value, constant),
    (at) => rolled(at, constant),
  );
  const groups = ["PASS", "FAIL", "UNDECIDED", "NOT_TESTED"];
  const marks = groups.flatMap((group) =>
    shapesIn(svg, group).map(
      ({ words, x, y }) => [words.split(":")[0]!, { size: size(x), loss: loss(y), group }] as const,
    ),
  );
  return {
    marks: new Map(marks),
    bounds: linesIn(svg, "bounds").map(({ y1, y2 }) => [loss(y1), loss(y2)]),
    limit: loss(linesIn(svg, "limit")[0]!.y1),
  };
};

/** Half a hundredth of a pixel, and what it is on a bent scale. */
const near = (found: number, meant: number): void =>
  expect(Math.abs(found - meant)).toBeLessThan(0.002 * (1 + Math.abs(meant)));

const closest = (bounds: readonly [number, number][], lower: number): [number, number] =>
  bounds.toSorted((a, b) => Math.abs(a[0] - lower) - Math.abs(b[0] - lower))[0]!;

describe("the curve shows what report.json says", () => {
  test.each([
    ["one domain, three measures", answer],
    ["two domains", answerOf([q8, q4General, iq3], twoDomains)],
    ["nothing passed", answerOf([iq3, iq2])],
    ["one candidate", answerOf([q4])],
  ] as readonly (readonly [string, Answer])[])("%s", (_name, shown) => {
    const figure = curve(shown, { id: "curve", width: 860, height: 460 });
    // The axis counts in percent of the limit.
    const { marks, bounds, limit } = readBack(figure.file, 10);
    near(limit, 100);
    expect([...marks.keys()].sort()).toEqual(shown.candidates.map(({ type }) => type).sort());
    for (const each of shown.candidates) {
      const mark = marks.get(each.type)!;
      expect(mark.group).toBe(each.verdict);
      near(mark.size, each.bytes / mib);
      const gate = worstGate(each)?.gate;
      if (gate === undefined) continue;
      near(mark.loss, (100 * gate.mean) / gate.limit);
      const [lower, upper] = closest(bounds, (100 * gate.lower) / gate.limit);
      near(lower, (100 * gate.lower) / gate.limit);
      near(upper, (100 * gate.upper) / gate.limit);
    }
  });

  test("what was not tested is hollow and lies above the frame, and has no loss", () => {
    const svg = parseSvg(curve(answer, { id: "curve", width: 860, height: 460 }).file);
    const [mark] = shapesIn(svg, "NOT_TESTED");
    expect(mark!.words).toBe("Q4_0: 3.00 MiB, - NOT TESTED");
    expect(svg.querySelector("g.NOT_TESTED")!.getAttribute("fill")).toBe("none");
    expect(mark!.y).toBeLessThan(Math.min(...ticksOf(svg, "y").map(({ at }) => at)));
  });

  test("the choice has a ring, the front goes through what no other beats", () => {
    const simple = answerOf([q8, q4, iq3, iq2]);
    const svg = parseSvg(curve(simple, { id: "curve", width: 860, height: 460 }).file);
    const [ring] = shapesIn(svg, "choice");
    const chosen = shapesIn(svg, "PASS").find(({ words }) => words.startsWith(`${simple.choice!.type}:`))!;
    expect([ring!.x, ring!.y]).toEqual([chosen.x, chosen.y]);
    const path = svg.querySelector("g.front > path")!.getAttribute("d")!;
    expect(path.match(/[ML]/g)).toHaveLength(4);
    expect(path).toContain(`${chosen.x},${chosen.y}`);
  });

  test("each verdict has a shape of its own", () => {
    const svg = parseSvg(curve(answer, { id: "curve", width: 860, height: 460 }).file);
    const outline = (group: string): string => {
      const [shape] = svg.querySelectorAll(`g.${group} > circle, g.${group} > path`);
      return `${shape!.getAttribute("d") ?? "circle"} ${svg.querySelector(`g.${group}`)!.getAttribute("fill") === "none"}`;
    };
    expect(new Set(["PASS", "FAIL", "UNDECIDED", "NOT_TESTED"].map(outline)).size).toBe(4);
  });
});

describe("the figures of single measures show what report.json says", () => {
  const figures = drawFigures(answer);
  const expectMarks = (text: string, measure: string, shown: (loss: number) => number): void => {
    const limit = answer.candidates[0]!.domains[0]!.gates.find((each) => each.measure === measure)!.limit;
    const { marks, limit: line } = readBack(text, shown(limit) / 10);
    near(line, shown(limit));
    for (const { type, domains, bytes } of answer.candidates) {
      near(marks.get(type)!.size, bytes / mib);
      const gate = domains[0]?.gates.find((each) => each.measure === measure);
      if (gate !== undefined) near(marks.get(type)!.loss, shown(gate.mean));
    }
  };

  test("perplexity, KLD and the same top token", () => {
    expect([figures.perplexity, figures.kld, figures.topLoss].map(({ length }) => length)).toEqual([1, 1, 1]);
    expectMarks(figures.perplexity[0]!.file, "lnPplRatio", (loss) => 100 * Math.expm1(loss));
    expectMarks(figures.kld[0]!.file, "kld", (loss) => loss);
    expectMarks(figures.topLoss[0]!.file, "topLoss", (loss) => 100 * loss);
  });

  test("the tail: smallest, largest and median of the units", () => {
    const svg = parseSvg(figures.tail!.file);
    const read = reading(
      ticksOf(svg, "x"),
      (value) => unrolled(value, 0.006),
      (at) => rolled(at, 0.006),
    );
    const tested = answer.candidates.filter(({ domains }) => domains.length > 0);
    const [ranges, medians] = [linesIn(svg, "range"), linesIn(svg, "median")];
    expect(ranges).toHaveLength(tested.length);
    for (const [index, { domains }] of tested.entries()) {
      const spread = spreadOf(domains[0]!.losses.kld);
      near(read(ranges[index]!.x1), spread.smallest);
      near(read(ranges[index]!.x2), spread.largest);
      near(read(medians[index]!.x1), spread.median);
    }
  });

  test("what each source counts for, whatever its own matrix was collected from", () => {
    const [source] = answer.imatrix.sources;
    const of = (id: string, chunks: number) => ({ ...source!, id, chunks, collected: 32 });
    const sources = [of("notes", 24), of("general", 8)];
    const svg = parseSvg(drawFigures({ ...answer, imatrix: { ...answer.imatrix, chunks: 32, sources } }).shares!.file);
    const read = reading(ticksOf(svg, "x"), straight, straight);
    const bars = [...svg.querySelectorAll("g.got > rect")].map((bar) => {
      const [left, width] = ["x", "width"].map((name) => Number(bar.getAttribute(name)));
      return read(left! + width!) - read(left!);
    });
    near(bars[0]!, 75);
    near(bars[1]!, 25);
    expect(read(linesIn(svg, "asked")[0]!.x1)).toBeCloseTo(100, 0);
  });
});

describe("figures", () => {
  test("the same answer gives the same bytes, also when it was read back from JSON in another order", () => {
    const reversed = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(reversed)
        : typeof value === "object" && value !== null
          ? Object.fromEntries(
              Object.entries(value)
                .toReversed()
                .map(([key, each]) => [key, reversed(each)]),
            )
          : value;
    const again = reversed(JSON.parse(JSON.stringify(answer))) as Answer;
    expect(figureFiles(drawFigures(again))).toEqual(figureFiles(drawFigures(answer)));
  });

  test("one file a figure, named after what it shows and the number of its domain", () => {
    const files = (shown: Answer): string[] => figureFiles(drawFigures(shown)).map(({ file }) => file);
    expect(files(answer)).toEqual(["curve.svg", "perplexity.svg", "kld.svg", "same-top.svg", "tail.svg", "shares.svg"]);
    expect(files(answerOf([q8], twoDomains))).toEqual([
      "curve.svg",
      "perplexity-1.svg",
      "perplexity-2.svg",
      "kld-1.svg",
      "kld-2.svg",
      "tail.svg",
      "shares.svg",
    ]);
  });

  test("each is one image with a title and a description, and brings its colours for dark paper", () => {
    for (const { text } of figureFiles(drawFigures(answer))) {
      const svg = parseSvg(text);
      const id = svg.getAttribute("id")!;
      expect(svg.getAttribute("role")).toBe("img");
      expect(svg.getAttribute("aria-labelledby")).toBe(`${id}-title ${id}-text`);
      expect(svg.querySelector(`#${id}-title`)!.textContent).toContain("medical");
      expect(svg.querySelector("style")!.textContent).toContain("prefers-color-scheme:dark");
      expect(text).not.toMatch(/NaN|undefined|Infinity|https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
    }
  });

  test("nothing but untested candidates, and numbers beyond every scale, are drawn all the same", () => {
    const wild = candidate("IQ1_S", 1, { rise: [1e200, 0.4], kld: [700, 0.5] });
    const none = { ...answer, choice: null, candidates: answer.candidates.filter(({ type }) => type === "Q4_0") };
    for (const odd of [answerOf([q8, wild]), none])
      for (const { text } of figureFiles(drawFigures(odd))) expect(text).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe("lossScale", () => {
  test("holds all values, zero and the limit, and its numbers lie in order and apart", () => {
    const { domain, ticks, constant } = lossScale([-0.2, 0.001, 40], 0.1);
    expect(domain[0]).toBeLessThan(-0.2);
    expect(domain[1]).toBeGreaterThan(40);
    expect(ticks).toContain(0);
    expect(ticks).toEqual(ticks.toSorted((a, b) => a - b));
    expect(
      Math.min(...ticks.slice(1).map((tick, index) => unrolled(tick, constant) - unrolled(ticks[index]!, constant))),
    ).toBeGreaterThan(0.2);
  });

  test("goes there and back", () => {
    for (const value of [-3, -0.01, 0, 1e-9, 0.05, 1, 1e6])
      expect(rolled(unrolled(value, 0.1), 0.1)).toBeCloseTo(value, 6);
  });
});
