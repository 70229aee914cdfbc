import { unreachable } from "../../base/result.ts";
import type { ShapeAssumption } from "../../base/model-shape.ts";
import { formatBytes } from "../../base/units.ts";
import type { Card } from "../../select/fit/card.ts";
import type { KvRow, SpeedRow, WayRow } from "../../select/fit/file-fit.ts";
import type { Budget } from "../../select/memory/budget.ts";
import type { ComponentName } from "../../select/memory/estimate.ts";
import type { Refusal } from "../../select/memory/refusal.ts";
import { enumerate, formatCount, plural } from "../quantity.ts";

export const componentWords: Readonly<Record<ComponentName, string>> = {
  weights: "weights",
  cache: "KV cache",
  state: "recurrent state",
  compute: "compute buffer",
  output: "output",
};

/** `rtx-4060, 8 GiB`, and how sure the table is of it where it is not quite. */
export const cardWords = ({ device, vram, grade, source }: Card): string => {
  const size = formatBytes(vram);
  if (device === null) return size;
  if (grade === "A") return `${device}, ${size}`;
  const why = grade === "B" ? "one source only" : "nobody confirmed it";
  return `${device} (grade ${grade ?? "C"}: ${why}, ${source ?? "no source"}), ${size}`;
};

/** `on rtx-4060 (8.00 GiB)`, `in 8.00 GiB`. */
export const placeWords = (card: Card): string => {
  const [size, device] = [formatBytes(card.vram), card.device];
  if (device === null) return `in ${size}`;
  return `on ${device} (${size}${card.grade === "A" ? "" : `; its row of the table is of grade ${card.grade ?? "C"}`})`;
};

/** What of a card a model may take, and what becomes of the rest. */
export const budgetWords = (card: Card, { bytes, parts }: Budget): string => {
  const rest = parts
    .filter(({ bytes: kept }) => kept > 0)
    .map(({ name, bytes: kept }) => `${formatBytes(kept)} ${partWords[name]}`);
  const left = bytes === 0 ? "nothing is left for the model" : `${formatBytes(bytes)} are for the model`;
  return `${cardWords(card)}: ${left}; ${enumerate(rest)} (assumed).`;
};

const partWords: Readonly<Record<Budget["parts"][number]["name"], string>> = {
  unusable: "cannot be used",
  context: "go to the driver",
  projector: "go to the projector",
  margin: "stay free",
};

/** Why llama.cpp would not load the model so, to stand after `q8_0: `. */
export const refusalWords = (refusal: Refusal): string => {
  switch (refusal.code) {
    case "values-need-flash-attention":
      return `values cannot be ${refusal.type} without flash attention`;
    case "no-flash-attention":
      return `${refusal.architecture} has no flash attention, and values cannot be ${refusal.type} without`;
    case "head-size":
      return `a head of ${plural(refusal.size, "number")} is no multiple of ${refusal.type}'s block of ${refusal.block}`;
    case "types-differ":
      return `its one cache cannot be ${refusal.typeK} and ${refusal.typeV}`;
    case "setting":
      return refusal.setting === "context" ? "there is no context to be had" : `${refusal.setting} is no whole number`;
    case "too-many-sequences":
      return `${formatCount(refusal.sequences)} sequences are more than the ${refusal.most} that llama.cpp has`;
    default:
      return unreachable(refusal);
  }
};

/** What ends a context. */
export const limitWords = ({ limit, context }: KvRow): string => {
  if (context === 0) return "does not fit";
  return { memory: "the memory ends it", trained: "trained for no more", asked: "as asked for" }[limit];
};

/** What of the model is not known but assumed. */
export const assumptionWords: Readonly<Record<ShapeAssumption, string>> = {
  "unknown-architecture":
    "llama.cpp v0.5.0 does not know this architecture: full attention in all layers and a dense feed-forward part are assumed.",
  "unmodelled-cache": "The cache of this architecture has parts that are not counted, so it may take more.",
  "unmeasured-cache":
    "The cache of this architecture was reckoned after llama.cpp's source and never compared with what it allocates.",
  "draft-layers": "The layers for drafting are taken as not loaded.",
};

/** `IQ4_XS with a cache in q8_0 and a micro-batch of 256`. */
export const wayWords = ({ size, cache, microBatch }: WayRow): string => {
  const changes = [
    ...(cache === undefined ? [] : [`the cache in ${cache}`]),
    ...(microBatch === undefined ? [] : [`a micro-batch of ${microBatch}`]),
  ];
  if (size === undefined) return enumerate(changes);
  return changes.length === 0 ? size : `${size} with ${enumerate(changes)}`;
};

/** What would reach the wanted context, or how far the best way gets. */
export const waysSentence = (ways: readonly WayRow[], wanted: number): string => {
  const all = ways.filter((way) => way.enough);
  const enough = all.filter((way) => !all.some((other) => other !== way && isLess(other, way)));
  if (enough.length > 0) {
    const items = enough.map((way) => `${wayWords(way)} (${formatCount(way.perSequence)})`);
    return `What would reach it: ${items.join("; ")}.`;
  }
  const best = ways.toSorted((a, b) => b.perSequence - a.perSequence)[0];
  if (best === undefined || best.perSequence === 0)
    return "Nothing that was tried would make it fit: it takes a smaller quant or a larger card.";
  return `No way reaches ${plural(wanted, "token")}; the furthest is ${wayWords(best)}, with ${formatCount(best.perSequence)}.`;
};

/** Whether a way changes a part of what another one changes, so that the other changes more than it must. */
const isLess = (less: WayRow, more: WayRow): boolean =>
  less.size === more.size &&
  (less.cache === undefined || less.cache === more.cache) &&
  (less.microBatch === undefined || less.microBatch === more.microBatch);

/** Tokens a second, at the start of the context and at its end. */
export const speedSentence = (speed: readonly SpeedRow[]): string => {
  const parts = speed.map(({ used, most, expected }) => {
    const when = used === 0 ? "at the start of the context" : `with ${formatCount(used)} tokens in it`;
    return `${rate(most)} ${when} (expected: ${rate(expected.low)} to ${rate(expected.high)})`;
  });
  return `One sequence, tokens a second: at most ${enumerate(parts)}. The bound is the bandwidth over what is read; what to expect is estimated from published measurements of other models.`;
};

const rate = (value: number): string => (value < 10 ? value.toFixed(1) : formatCount(Math.round(value)));

/** `4.30 GiB`, with a dash for nothing. */
export const bytesOrNothing = (bytes: number): string => (bytes === 0 ? "–" : formatBytes(Math.round(bytes)));
