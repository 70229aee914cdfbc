import type { BuildStage, Emit } from "../../base/event.ts";

/** Where each stage starts within the whole, by the time it takes on two cores; `compile` ends where `check` starts. */
const starts: Readonly<Record<BuildStage["stage"], number>> = {
  fetch: 0,
  unpack: 0.02,
  configure: 0.035,
  compile: 0.045,
  check: 0.995,
  done: 1,
};

/** Share of the compile time that has passed when make prints a percentage, which counts files of unlike size. */
const timeAt: readonly (readonly [percent: number, time: number])[] = [
  [0, 0],
  [5, 0.02],
  [12, 0.12],
  [27, 0.2],
  [50, 0.36],
  [64, 0.55],
  [87, 0.8],
  // The last files and the links are begun, not done.
  [100, 0.9],
];

/** The last percentage in some output of make: `[ 31%]`. */
export const lastPercent = (text: string): number | undefined => {
  const found = text.match(/\[ *\d+%\]/g)?.at(-1);
  return found === undefined ? undefined : Number.parseInt(found.slice(1), 10);
};

/** Fraction of the whole build's time at a percentage of the compile stage. */
export const compileFraction = (percent: number): number => {
  const after = timeAt.findIndex(([at]) => at >= percent);
  const [p1, t1] = timeAt[Math.max(after, 1)] ?? [100, 1];
  const [p0, t0] = timeAt[Math.max(after, 1) - 1] ?? [0, 0];
  const time = t0 + ((percent - p0) / (p1 - p0)) * (t1 - t0);
  return starts.compile + time * (starts.check - starts.compile);
};

/** Emits build stages; the fraction never goes back. */
export const buildProgress = (emit: Emit): ((stage: BuildStage["stage"], percent?: number) => void) => {
  let highest = -1;
  return (stage, percent) => {
    const fraction = percent === undefined ? starts[stage] : compileFraction(percent);
    if (fraction <= highest && percent !== undefined) return;
    highest = Math.max(highest, fraction);
    emit({ type: "build", stage, fraction: highest });
  };
};
