import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { drawPage } from "../../src/report/html/draw-page.ts";
import { formatTimeline } from "../../src/report/html/timeline.ts";
import { answerOf, iq2, iq3, q4, q8, tolerance, withExtra } from "../report/answers.ts";
import { manyCandidates } from "../report/many.ts";
import { smallRun } from "../report/runs.ts";

/** On PATH; `.ci/run` installs it. */
const browserPath = (): string =>
  execFileSync("sh", ["-c", "command -v chromium || command -v chromium-browser || command -v google-chrome"], {
    encoding: "utf8",
  }).trim();

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "pages-"));
let browser: Browser;

const usual = answerOf([withExtra(q8, { p99Kld: { value: 0.6, warn: 0.5 } }), q4, iq3, iq2], {
  pruned: [{ type: "Q4_0", bytes: 3 * 2 ** 20, by: "IQ4_XS", source: "a table" }],
  tolerances: [tolerance({ sameTop: 0.9 })],
});
const exploratory = answerOf([iq3, iq2], { ledger: { exploratory: true, earlier: [], spent: 0.1 } });

beforeAll(async () => {
  const pages = { usual, exploratory, many: manyCandidates() };
  for (const [name, answer] of Object.entries(pages))
    writeFileSync(join(folder, `${name}.html`), drawPage(answer).at(-1)!.text);
  for (const { file, text } of drawPage(usual)) if (file.endsWith(".svg")) writeFileSync(join(folder, file), text);
  writeFileSync(join(folder, "timeline.html"), formatTimeline(smallRun()));
  browser = await chromium.launch({ executablePath: browserPath(), args: ["--no-sandbox"] });
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

interface Opened {
  readonly page: Page;
  /** What the browser complained about, and what it asked for besides the page. */
  readonly trouble: string[];
}

const open = async (file: string, width: number, colorScheme: "light" | "dark"): Promise<Opened> => {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  const trouble: string[] = [];
  const address = pathToFileURL(join(folder, file)).href;
  page.on("console", (message) => trouble.push(message.text()));
  page.on("pageerror", (error) => trouble.push(error.message));
  page.on("request", (request) => {
    if (request.url() !== address && !request.url().startsWith("data:")) trouble.push(request.url());
  });
  await page.goto(address);
  return { page, trouble };
};

/** Findings of axe that keep somebody from reading. */
const findings = async (page: Page): Promise<string[]> => {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    interface Found {
      readonly id: string;
      readonly impact: string;
      readonly nodes: readonly { readonly html: string }[];
    }
    const { axe: checker } = globalThis as unknown as { axe: { run: () => Promise<{ violations: readonly Found[] }> } };
    const { violations } = await checker.run();
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ""}`);
  });
};

describe.each(["usual.html", "exploratory.html", "many.html", "timeline.html"])("%s", (file) => {
  test.each([
    [1280, "light"],
    [1280, "dark"],
    [390, "light"],
    [390, "dark"],
  ] as const)("%i px, %s: quiet, complete, accessible, no wider than the screen", async (width, scheme) => {
    const { page, trouble } = await open(file, width, scheme);
    expect(await findings(page)).toEqual([]);
    const wide = await page.evaluate("document.documentElement.scrollWidth");
    expect(wide).toBe(width);
    expect(trouble).toEqual([]);
    await page.close();
  });
});

test("without a mouse or scripts nothing is missing: the page has none, and its details open", async () => {
  const { page } = await open("usual.html", 1280, "light");
  expect(await page.locator("script").count()).toBe(0);
  await page.locator("summary").press("Enter");
  expect(await page.locator("details pre").first().isVisible()).toBe(true);
  await page.close();
});

test("the colours change with the paper, also in a plot that stands alone", async () => {
  const colours = new Set<string>();
  for (const scheme of ["light", "dark"] as const) {
    const { page, trouble } = await open("curve.svg", 860, scheme);
    colours.add(await page.evaluate<string>("getComputedStyle(document.querySelector('rect')).fill"));
    expect(trouble).toEqual([]);
    await page.close();
  }
  expect(colours).toEqual(new Set(["rgb(255, 255, 255)", "rgb(20, 24, 29)"]));
});

test("one curve is shown at a time", async () => {
  for (const [width, wide, narrow] of [
    [1280, true, false],
    [390, false, true],
  ] as const) {
    const { page } = await open("usual.html", width, "light");
    expect(await page.locator("#curve").isVisible()).toBe(wide);
    expect(await page.locator("#curve-narrow").isVisible()).toBe(narrow);
    await page.close();
  }
});
