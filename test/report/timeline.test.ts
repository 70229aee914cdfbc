import { describe, expect, test } from "vitest";
import { formatTimeline } from "../../src/report/html/timeline.ts";
import { runOf, smallRun, step } from "./runs.ts";
import { parsePage, type Element } from "./svg.ts";

const all = (html: string, selector: string): Element[] => [...parsePage(html).querySelectorAll(selector)];

describe("timeline.html", () => {
  const html = formatTimeline(smallRun());

  test("bars begin and end when the steps did", () => {
    const ticks = all(html, "svg line").map((line) => Number(line.getAttribute("x1")));
    const labels = all(html, "svg text[text-anchor=middle]").map((text) => Number.parseFloat(text.textContent));
    const perSecond = (ticks.at(-1)! - ticks[0]!) / (labels.at(-1)! - labels[0]!);
    const [bar] = all(html, "svg rect.done");
    expect((Number(bar!.getAttribute("x")) - ticks[0]!) / perSecond).toBeCloseTo(1, 1);
    expect(Number(bar!.getAttribute("width")) / perSecond).toBeCloseTo(9, 1);
  });

  test("cache hits are diamonds, failures are crossed, and what was skipped is only in the table", () => {
    expect(all(html, "svg path.hit")).toHaveLength(1);
    expect(all(html, "svg path.cross")).toHaveLength(1);
    expect(all(html, "svg g")).toHaveLength(3);
    expect(all(html, "tbody tr")).toHaveLength(4);
  });

  test("of very many steps the longest are drawn, and the rest is counted", () => {
    const many = Array.from({ length: 1000 }, (_, index) => step(`validate/Q${index}`, "done", index, 1 + (index % 7)));
    const long = formatTimeline(runOf(many, { seconds: 1010 }));
    expect(all(long, "svg g")).toHaveLength(250);
    expect(long).toContain("750 shorter steps not drawn");
  });

  test("a run without a step, and one without a duration, are drawn", () => {
    for (const empty of [runOf([]), runOf([step("model", "done", 0, 0)], { seconds: 0 })])
      expect(formatTimeline(empty)).not.toMatch(/NaN|undefined|Infinity/);
  });

  test("hostile names are text", () => {
    const evil = `"><script>alert(1)</script>\u001b[2J`;
    const hostile = formatTimeline(
      runOf(
        [
          {
            ...step("model", "done", 0, 1),
            step: evil as never,
            why: [{ code: "input", field: evil, from: evil, to: evil }],
          },
        ],
        {
          pipelineFile: evil,
          run: evil,
          host: { name: evil, platform: evil, cpu: evil, cores: 1 },
        },
      ),
    );
    expect(hostile).not.toContain("<script");
    expect(hostile).not.toContain("\u001b");
    expect(all(hostile, "svg g title")[0]!.textContent).toContain("<script>");
  });
});
