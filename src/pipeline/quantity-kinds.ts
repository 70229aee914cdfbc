import {
  percentText,
  readAmount,
  readBytes,
  readCount,
  readDuration,
  readLength,
  readNats,
  readPercent,
  type Written,
} from "./quantities.ts";
import { quantity, type Quantity } from "./leaf.ts";

const percent = (what: string, range: NonNullable<Quantity["range"]>) =>
  quantity({
    what,
    pattern: String.raw`^\s*\d+(\.\d+)?\s*%\s*$`,
    numbers: false,
    read: readPercent,
    help: (written) => (typeof written === "number" ? asPercent(written) : "the accepted unit is `%`"),
    range,
  });

// A bare 0.5 was most likely meant as a part of one, a bare 50 as a percentage.
const asPercent = (written: number): string =>
  `the accepted unit is \`%\`: did you mean \`${written <= 1 ? percentText(written) : `${String(written)}%`}\`?`;

/** Part of the calibration mix, above 0 and up to 1. */
export const share = percent("a percentage such as `50%`", (value) =>
  value > 0 && value <= 1 ? undefined : { what: "above `0%` and at most `100%`" },
);

/** Part of something, from nothing to all of it. */
export const part = percent("a percentage such as `10%`", (value) =>
  value <= 1 ? undefined : { what: "at most `100%`" },
);

const asDelta = (written: Written): string => {
  const text = String(written).trim();
  if (readPercent(text) !== undefined) return `a relative rise is written \`ppl: ${text}\``;
  const plain = /^\d+(?:\.\d+)?$/.test(text);
  return plain ? `write it without quotes: \`${text}\`` : "it is a plain number, without a unit";
};

/** Largest relative rise of perplexity. Below 0.1 % even BF16 and F16 of one model differ. */
export const perplexityRise = percent("a percentage such as `3%`", (value) => {
  if (value > 1) return { what: "at most `100%`" };
  if (value >= 0.001) return undefined;
  return {
    what: "at least `0.1%`",
    help: "BF16 and F16 of one model differ by about as much, so less cannot be shown",
  };
});

/** Largest absolute rise of perplexity, above 0 and up to 1,000: a plain number, as perplexity has no unit. */
export const perplexityDelta = quantity({
  what: "a number above `0` such as `0.05`",
  pattern: undefined,
  numbers: true,
  read: (written) => (typeof written === "number" ? written : undefined),
  help: asDelta,
  range: (value) => (value > 0 && value <= 1000 ? undefined : { what: "above `0` and at most `1000`" }),
}).meta({ exclusiveMinimum: 0, maximum: 1000 });

/** Part of the tokens with the same most likely token, from 0.5 to below 1. */
export const agreement = percent("a percentage such as `95%`", (value) => {
  const what = "at least `50%` and below `100%`";
  if (value >= 1) return { what, help: "no sample of tokens can show that all tokens agree" };
  return value >= 0.5 ? undefined : { what };
});

/** One-sided confidence, from 0.5 to below 1. */
export const confidence = percent("a percentage such as `95%`", (value) =>
  value >= 0.5 && value < 1 ? undefined : { what: "at least `50%` and below `100%`" },
);

/** KL divergence in nats per token, above 0 and up to 10. */
export const divergence = quantity({
  what: "a number of nats per token such as `0.06`",
  pattern: String.raw`^\s*\d+(\.\d+)?\s*nats?\s*$`,
  numbers: true,
  read: readNats,
  help: () => "the accepted unit is `nats`, which may be left out",
  range: (value) => (value > 0 && value <= 10 ? undefined : { what: "above `0` and at most `10` nats per token" }),
});

const mebibyte = 2 ** 20;

/** Bytes of disk, from 1 MiB to 1,024 TiB. */
export const diskSize = quantity({
  what: "a size such as `20GiB` or `500MB`",
  pattern: String.raw`^\s*\d+(\.\d+)?\s*([kKmMgGtT][iI]?)?[bB]\s*$`,
  numbers: false,
  read: readBytes,
  help: () => "the accepted units are `MB`, `GB`, `TB` (powers of 1,000) and `MiB`, `GiB`, `TiB` (powers of 1,024)",
  range: (value) =>
    value >= mebibyte && value <= 2 ** 50 ? undefined : { what: "at least `1MiB` and at most `1024TiB`" },
});

/** Further decisions on one holdout, 0 to 99. */
export const reruns = quantity({
  what: "a whole number from `0` to `99`",
  pattern: undefined,
  numbers: true,
  read: (written) => (typeof written === "number" && Number.isInteger(written) ? written : undefined),
  help: () => errorShare,
  range: (value) => (value >= 0 && value <= 99 ? undefined : { what: "from `0` to `99`", help: errorShare }),
}).meta({ type: "integer", minimum: 0, maximum: 99 });

const errorShare = "the error rate of each decision is divided by `planned-reruns` + 1";

/** Seconds, from 1 second to 7 days. */
export const duration = quantity({
  what: "a duration such as `90s`, `10m` or `1h`",
  // Hours, minutes, seconds: each may be left out, but not all of them.
  pattern: String.raw`^(?=.*\d)\s*(\d+(\.\d+)?\s*[hH]\s*)?(\d+(\.\d+)?\s*[mM]([iI][nN])?\s*)?(\d+(\.\d+)?\s*[sS]\s*)?$`,
  numbers: false,
  read: readDuration,
  help: () => "the accepted units are `s`, `m` and `h`",
  range: (value) => (value >= 1 && value <= 604_800 ? undefined : { what: "at least `1s` and at most `168h`" }),
});

/** A whole number of `units` (plural), not below `least`; `reason` says why not. */
export const count = (units: string, example: number, least: number, reason?: string) =>
  quantity({
    what: `a whole number such as \`${String(example)}\` or \`${String(example)} ${units}\``,
    pattern: String.raw`^\s*\d+\s*(${units.slice(0, -1)}s?)?\s*$`,
    numbers: true,
    read: (written) => readCount(written, units),
    help: () => `the accepted unit is \`${units}\`, which may be left out`,
    range: (value) => {
      if (value > 1_000_000) return { what: "at most `1000000`" };
      const what = `at least \`${String(least)}\``;
      return value >= least ? undefined : reason === undefined ? { what } : { what, help: reason };
    },
  });

/** Tokens in a window or a unit, 16 to 16,777,216; k = 1,024. */
export const length = quantity({
  what: "a number of tokens such as `512` or `4k`",
  pattern: String.raw`^\s*\d+\s*[kK]?(\s*tokens?)?\s*$`,
  numbers: true,
  read: readLength,
  help: () => "the accepted units are `tokens` and `k` (1,024 tokens)",
  range: (value) =>
    value >= 16 && value <= 2 ** 24 ? undefined : { what: "at least `16` and at most `16384k` tokens" },
});

/** A whole number of `units` (plural) with k for 1,000 and M for 1,000,000, inside a range. */
const amount = (units: string, example: string, range: NonNullable<Quantity["range"]>) =>
  quantity({
    what: `a number of ${units} such as \`${example}\``,
    pattern: String.raw`^\s*\d+(\.\d+)?\s*[kKmM]?(\s*${units.slice(0, -1)}s?)?\s*$`,
    numbers: true,
    read: (written) => readAmount(written, units),
    help: () => `the accepted units are \`${units}\`, \`k\` (1,000) and \`M\` (1,000,000)`,
    range,
  });

/** Tokens of calibration text, 1 or more; k = 1,000. */
export const budget = amount("tokens", "200k", (value) => (value >= 1 ? undefined : { what: "at least `1`" }));

/** Characters of a document up to 64,000,000, of which one stands in memory several times. */
export const characters = (example: string, least: number) =>
  amount("characters", example, (value) => {
    if (value < least) return { what: `at least \`${String(least)}\`` };
    return value <= 64_000_000 ? undefined : { what: "at most `64M` characters" };
  });
