import type { RunRecord, RunStep } from "../../run/record.ts";
import { describeReasons } from "../describe-reason.ts";
import { formatSeconds, plural } from "../quantity.ts";
import { document } from "./document.ts";
import { markup, type Markup } from "./markup.ts";
import { htmlTable } from "./table.ts";

/**
 * `timeline.html`: what a run did when, from run.json. It has clocks in it, so unlike the report it differs from run to
 * run. Its bars are drawn by hand: a run that was interrupted has no time to load a library.
 */
export const formatTimeline = (run: RunRecord): string => {
  const bars = barsOf(run.steps);
  const title = `Timeline of ${run.run}`;
  return document(
    { title, description: sentence(run) },
    markup`
<main><header><p class="kicker">${run.pipelineFile}</p><h1>Timeline</h1><p class="lead">${sentence(run)}</p>
<p class="quiet">Began ${run.startedAt} on ${run.host.name} (${run.host.cpu}, ${plural(run.host.cores, "core")}); llama.cpp ${run.toolchain.version}.</p></header>
<section aria-labelledby="bars"><h2 id="bars">When</h2>${drawing(bars, run)}${leftOut(run.steps, bars)}</section>
<section aria-labelledby="steps"><h2 id="steps">Steps</h2>${stepTable(run.steps)}</section></main>`,
  );
};

const sentence = ({ executed, cached, seconds, repeats }: RunRecord): string =>
  `${plural(executed, "step")} run, ${cached} from the cache, in ${formatSeconds(seconds)}` +
  `${repeats === 0 ? "" : `; ${plural(repeats, "tool run")} repeated`}.`;

const most = 250;

/** What ran or was found, in the order in which it began; of very many the longest. */
const barsOf = (steps: readonly RunStep[]): RunStep[] => {
  const shown = steps.filter(({ status }) => status !== "skipped");
  const longest = new Set(shown.toSorted((a, b) => b.seconds - a.seconds).slice(0, most));
  return shown.filter((step) => longest.has(step)).toSorted((a, b) => a.began - b.began);
};

const leftOut = (steps: readonly RunStep[], bars: readonly RunStep[]): Markup => {
  const shorter = steps.filter(({ status }) => status !== "skipped").length - bars.length;
  const skipped = steps.filter(({ status }) => status === "skipped").length;
  const parts = [
    ...(shorter > 0 ? [`${plural(shorter, "shorter step")} not drawn`] : []),
    ...(skipped > 0 ? [`${plural(skipped, "step")} skipped`] : []),
  ];
  return markup`<p class="quiet">Bars: steps that ran; hollow diamonds: found in the cache; crossed bars: failed.${parts.length === 0 ? "" : ` ${parts.join(", ")}.`}</p>`;
};

const [width, left, right, top, row] = [1000, 210, 70, 26, 20];

const drawing = (bars: readonly RunStep[], { seconds }: RunRecord): Markup => {
  const height = top + bars.length * row + 10;
  const span = Math.max(seconds, ...bars.map((step) => step.began + step.seconds), 0.001);
  const at = (second: number): number => round(left + (second / span) * (width - left - right));
  return markup`<div class="scroll" role="region" aria-label="Bars of the steps" tabindex="0">
<svg class="figure timeline" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="bars-title"><title id="bars-title">When each step began and how long it took; the table has the same numbers</title>
${ticksOf(span).map((second) => markup`<line class="grid-line" x1="${at(second)}" x2="${at(second)}" y1="${top - 6}" y2="${height}"/><text class="soft" x="${at(second)}" y="${top - 11}" text-anchor="middle">${formatSeconds(second)}</text>`)}
${bars.map((step, index) => bar(step, top + index * row, at))}</svg></div>`;
};

const bar = (step: RunStep, y: number, at: (second: number) => number): Markup => {
  const [from, to] = [at(step.began), at(step.began + step.seconds)];
  const words = `${step.step}: ${statusWords[step.status]}${step.status === "cached" ? "" : `, ${formatSeconds(step.seconds)}`}`;
  const middle = y + row / 2;
  const shape =
    step.status === "cached"
      ? markup`<path class="hit" d="M${from},${middle - 5}l5,5l-5,5l-5,-5z"/>`
      : markup`<rect class="${step.status}" x="${from}" y="${y + 4}" width="${round(Math.max(1.5, to - from))}" height="${row - 8}"/>`;
  const cross =
    step.status === "failed"
      ? markup`<path class="cross" d="M${from},${y + 2}l${row - 4},${row - 4}m0,${4 - row}l${4 - row},${row - 4}"/>`
      : "";
  return markup`<g><title>${words}</title><text x="${left - 8}" y="${middle + 4}" text-anchor="end">${clipped(step.step)}</text>${shape}${cross}<text class="soft" x="${to + 8}" y="${middle + 4}">${step.status === "cached" ? "cache" : formatSeconds(step.seconds)}</text></g>`;
};

const round = (value: number): number => Math.round(value * 100) / 100;

const clipped = (step: string): string => {
  const characters = Array.from(step);
  return characters.length > 28 ? `${characters.slice(0, 27).join("")}…` : step;
};

const statusWords: Readonly<Record<RunStep["status"], string>> = {
  done: "ran",
  cached: "from the cache",
  failed: "failed",
  skipped: "skipped",
};

/** At most eight steps of 1, 2 or 5 times a power of ten seconds. */
const ticksOf = (span: number): number[] => {
  const power = 10 ** Math.floor(Math.log10(span / 8));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => span / each <= 8) ?? span;
  return Array.from({ length: Math.floor(span / step) + 1 }, (_, index) => Number((index * step).toPrecision(6)));
};

const stepTable = (steps: readonly RunStep[]): Markup =>
  htmlTable(
    "Steps in the order in which they began",
    [
      { header: "step", align: "left" },
      { header: "status", align: "left" },
      { header: "began", align: "right" },
      { header: "took", align: "right" },
      { header: "why", align: "left" },
    ],
    steps
      .toSorted((a, b) => a.began - b.began)
      .map(({ step, status, began, seconds, why, repeats }) => ({
        cells: [
          step,
          `${statusWords[status]}${repeats === 0 ? "" : `, ${plural(repeats, "repeat")}`}`,
          formatSeconds(began),
          status === "done" || status === "failed" ? formatSeconds(seconds) : "",
          describeReasons(why),
        ],
      })),
  );
