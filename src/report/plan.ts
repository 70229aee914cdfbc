import stringWidth from "fast-string-width";
import type { Forecast } from "../plan/forecast.ts";
import { describeReason } from "./describe-reason.ts";
import { layTable, wrap } from "./layout.ts";
import type { UnitsEstimate } from "../run/units.ts";
import { formatCount, plural } from "./quantity.ts";
import { safe } from "./safe.ts";
import { makeStyle, type Style } from "./style.ts";

export interface ForecastOptions {
  readonly color: boolean;
  /** Default 100. */
  readonly columns?: number;
}

/** What a run would do: each step with its status, and a line for every reason. */
export const formatForecast = (list: readonly Forecast[], { color, columns = 100 }: ForecastOptions): string => {
  const style = makeStyle(color);
  const widest = Math.max("step".length, ...list.map(({ step }) => stringWidth(safe(step))));
  const room = Math.max(40, columns - widest - "  status  ".length);
  const rows = list.flatMap((forecast) => rowsOf(forecast, style, room));
  const headers = ["step", "status", "why"].map((header) => ({ header, align: "left" as const }));
  return [...layTable(headers, rows), "", counts(list), ""].join("\n");
};

const rowsOf = ({ step, status, why }: Forecast, style: Style, room: number): string[][] => {
  const paint = { cached: style.dim, run: style.bold, if: style.warn, skip: style.dim }[status];
  const [first = "", ...rest] = why.flatMap((reason) => wrap(describeReason(reason), room, "  ").split("\n"));
  return [[safe(step), paint(status), first], ...rest.map((reason) => ["", "", reason])];
};

const counts = (list: readonly Forecast[]): string => {
  const count = (status: Forecast["status"]): number => list.filter((each) => each.status === status).length;
  const maybe = count("if");
  const spared = maybe === 0 ? "" : `, ${maybe} only if what comes before asks for it`;
  const skipped = count("skip") === 0 ? "" : `, ${count("skip")} not needed`;
  return `${plural(count("run"), "step")} to run${spared}, ${count("cached")} cached${skipped}`;
};

/** What the text of each validated domain gives against what is asked of it, a line for each. */
export const formatUnits = (estimates: readonly UnitsEstimate[]): string => estimates.map(formatEstimate).join("");

const formatEstimate = ({ domain, asked, available }: UnitsEstimate): string => {
  const name = safe(domain);
  const wanted = `${plural(asked, "unit")} of ${name} text ${asked === 1 ? "is" : "are"} asked for`;
  if (available === null) return `${wanted}; how many there are shows when the sources are read\n`;
  const less = available < asked ? ": too few" : "";
  return `${wanted}, and the text gives about ${formatCount(available)} (estimated)${less}\n`;
};
