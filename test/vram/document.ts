import { headerModel } from "../rig/header-models.ts";
import { type Claim, claims, matrix } from "./claims.ts";
import { contextOn, type Quant, weightsOn } from "./reckon.ts";
import type { Find } from "./render.ts";

/** The tables as Markdown. */
export const documentOf = (find: Find): string =>
  [
    "### Row by row",
    "",
    "Longest context that fits the memory, in tokens, as if the model had been trained for any length; then the verdict, for",
    "which the trained length does not matter.",
    "",
    ...claims.flatMap((claim) => [`#### ${titleOf(claim)}`, "", claimTable(claim, find), "", summary(claim, find), ""]),
    "### What fits instead",
    "",
    "Longest context with the cache in f16, then in q8_0, capped at the trained length (†). – : does not fit.",
    "",
    ...matrix.models.flatMap((model) => [`#### ${model}`, "", matrixTable(model, find), ""]),
    "### Dimensions",
    "",
    dimensionTable(),
    "",
  ].join("\n");

const titleOf = ({ vram, quants, size, context: [low, high] }: Claim): string =>
  `${vram} GB${vram === 32 ? "+" : ""} → ${quants.join("/")} ${size}${low === high ? "" : ` at ${kilo(low)}–${kilo(high)}`}`;

const kilo = (tokens: number): string => `${tokens / 1024}K`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const lines = [head, head.map((_, index) => (index === 0 ? "---" : "--:")), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
};

/** Digits in groups of three. */
const number = (value: number): string => `${value}`.replaceAll(/\B(?=(\d{3})+$)/g, ",");

const claimTable = (claim: Claim, find: Find): string =>
  table(
    ["model", "weights, GiB", "f16", "q8_0", "trained", "verdict"],
    rowsOf(claim, find).map(({ quant, context, cached }) => [
      `${quant.model} ${quant.type}`,
      weightsOn(quant.shape).toFixed(2),
      fitting(context),
      fitting(cached),
      number(quant.shape.trainedContext),
      verdictOf(claim, context),
    ]),
  );

interface Row {
  readonly quant: Quant;
  readonly context: number;
  readonly cached: number;
}

const rowsOf = ({ vram, quants, models }: Claim, find: Find): readonly Row[] =>
  models.flatMap((model) =>
    quants.map((type) => {
      const quant = find(model, type);
      const [context, cached] = (["f16", "q8_0"] as const).map((cache) =>
        contextOn(quant.shape, vram, cache, "memory"),
      );
      return { quant, context: context ?? 0, cached: cached ?? 0 };
    }),
  );

const fitting = (context: number): string => (context === 0 ? "–" : number(context));

const verdictOf = ({ context: [low, high] }: Claim, context: number): string => {
  if (context === 0) return "does not fit";
  if (context < low) return `too short: less than ${kilo(low)}`;
  if (context < high) return `holds at ${kilo(low)}, not at ${kilo(high)}`;
  return "holds";
};

const summary = (claim: Claim, find: Find): string => {
  const rows = rowsOf(claim, find);
  const holding = rows.filter(({ context }) => context >= claim.context[0]);
  return `Holds for ${holding.length} of ${rows.length}.`;
};

const matrixTable = (model: string, find: Find): string =>
  table(
    ["quant", "weights, GiB", ...matrix.vram.map((vram) => `${vram} GB`)],
    matrix.quants.map((type) => {
      const { shape } = find(model, type);
      const cells = matrix.vram.map((vram) => cell(shape.trainedContext, contextsOf(shape, vram)));
      return [type, weightsOn(shape).toFixed(2), ...cells];
    }),
  );

const contextsOf = (shape: Quant["shape"], vram: number): readonly number[] =>
  (["f16", "q8_0"] as const).map((cache) => contextOn(shape, vram, cache, "trained"));

const cell = (trained: number, contexts: readonly number[]): string => {
  if (contexts.every((context) => context === 0)) return "–";
  return contexts.map((context) => `${fitting(context)}${context === trained ? "†" : ""}`).join(" · ");
};

const dimensionTable = (): string =>
  table(
    ["model", "layers", "width", "heads", "heads for keys", "head", "feed-forward", "vocabulary", "published in"],
    matrix.models.map((name) => {
      const model = headerModel(name);
      const { layers, width, heads, keyHeads, feedForward, vocabulary, source, experts } = model;
      const wide =
        experts === undefined ? String(feedForward) : `${experts.used} of ${experts.count} × ${experts.width}`;
      const head = model.head ?? width / Number(heads);
      return [
        name,
        `${layers}`,
        `${width}`,
        String(heads),
        String(keyHeads),
        `${head}`,
        wide,
        number(vocabulary),
        source,
      ];
    }),
  );
