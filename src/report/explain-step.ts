import type { Json } from "../base/canonical.ts";
import { formatBytes } from "../base/units.ts";
import type { ActionView, StepView } from "../run/step-view.ts";
import { describeReason } from "./describe-reason.ts";
import { layTable, wrap, type Column } from "./layout.ts";
import { formatSeconds, plural } from "./quantity.ts";
import { safe } from "./safe.ts";
import { quote } from "./shell.ts";
import { makeStyle, type Style } from "./style.ts";

/** A step: its state and why, then the action it rests on, with everything that entered its key. */
export const formatStep = (
  view: StepView,
  { color, columns }: { readonly color: boolean; readonly columns: number },
): string => {
  const style = makeStyle(color);
  return [
    `${style.bold(safe(view.step))}  ${safe(view.title)}  pipeline ${safe(view.pipeline)}`,
    "",
    `State: ${stateWords[view.status]}`,
    ...view.why.map((reason) => `  ${wrap(describeReason(reason), columns - 2, "    ")}`),
    ...(view.action === null ? ["", "Nothing of it is in the store."] : actionLines(view.action, style, columns)),
    "",
  ].join("\n");
};

const stateWords: Readonly<Record<StepView["status"], string>> = {
  cached: "cached: a run would find it done",
  run: "a run would run it",
  if: "a run would run it only if what comes before asks for it",
  skip: "not needed",
};

const actionLines = (action: ActionView, style: Style, columns: number): string[] => [
  "",
  madeLine(action),
  `Key ${action.key}, made of:`,
  ...leaves(action.document, []).map(([name, value]) =>
    style.dim(`  ${wrap(`${safe(name)}: ${safe(value)}`, columns - 2, "    ")}`),
  ),
  "",
  ...layTable(
    outputColumns,
    action.outputs.map((output) => [safe(output.name), formatBytes(output.size), output.sha256, output.state]),
  ),
  ...(action.command === null ? [] : ["", `Command: ${commandLine(action.command)}`]),
  ...(action.logs === null ? [] : [`Logs: ${safe(action.logs)}`]),
];

const outputColumns: readonly Column[] = [
  { header: "output", align: "left" },
  { header: "size", align: "right" },
  { header: "sha256", align: "left" },
  { header: "", align: "left" },
];

const madeLine = ({ made, madeBy, seconds, repeats }: ActionView): string => {
  const when = made === null ? "" : ` at ${made.slice(0, 19).replace("T", " ")} UTC`;
  const by = madeBy === null ? "" : ` by pipeline ${safe(madeBy)}`;
  const again = repeats === 0 ? "" : `; ${plural(repeats, "tool run")} repeated`;
  return `Made${when}${by} in ${formatSeconds(seconds)}${again}`;
};

/** As it would be typed, with the number of threads left open: it changes no result. */
const commandLine = ({ tool, argv }: NonNullable<ActionView["command"]>): string =>
  [tool, ...argv].map((word) => safe(/^[\w./:=,{}-]+$/.test(word) ? word : quote(word))).join(" ");

/** Fields of the key document with dotted names; lists in one line. */
const leaves = (value: Json, path: readonly string[]): [string, string][] => {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    const inner = Object.entries(value);
    if (inner.length > 0) return inner.flatMap(([name, next]: [string, Json]) => leaves(next, [...path, name]));
  }
  return [[path.join("."), typeof value === "string" ? value : JSON.stringify(value)]];
};
