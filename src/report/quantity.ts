import prettyMs from "pretty-ms";
import { formatBytes } from "../base/units.ts";

/** Stands for a number that does not exist, such as the perplexity of a quant that was not tested. */
export const nothing = "–";

const round = (value: number, digits: number): string => (Number.isFinite(value) ? value.toFixed(digits) : nothing);

/** Seconds as people say them: `0.5 s`, `1 m 12 s`. */
export const formatSeconds = (seconds: number): string => {
  if (!Number.isFinite(seconds)) return nothing;
  const milliseconds = Math.max(0, Math.round(seconds * 1000));
  const digits = seconds < 10 ? 1 : 0;
  const text = prettyMs(milliseconds, { subSecondsAsDecimals: true, secondsDecimalDigits: digits, unitCount: 2 });
  return text.replaceAll(/(\d)([a-z])/g, "$1 $2");
};

/** `1,234`: counts with separators, the same in every locale. (Node's own takes 15 ms to load its tables.) */
export const formatCount = (count: number): string => count.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ",");

/** `1 step`, `2 steps`. */
export const plural = (count: number, noun: string): string => `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;

/** An amount of what a step counts: bytes in binary units, anything else as it is. */
export const formatAmount = (amount: number, unit: string): string =>
  unit === "bytes"
    ? formatBytes(Math.round(amount))
    : `${amount < 100 ? significant(amount) : formatCount(amount)} ${unit}`;

const significant = (value: number): string => String(Number(value.toPrecision(3)));

/** `a`, `a and b`, `a, b and c`. */
export const enumerate = (items: readonly string[]): string =>
  items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1) ?? ""}`;

/** A sentence that began with a small letter. */
export const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** `3 %` from 0.03, with no more digits than the number has. */
export const formatShare = (share: number): string => `${Number((share * 100).toPrecision(6))} %`;

/** Perplexity, with five significant digits where they exist. */
export const formatPpl = (ppl: number): string => round(ppl, ppl < 100 ? 3 : ppl < 1000 ? 2 : 1);

/** Bits a weight; a file that was not built has none. */
export const formatBpw = (bpw: number | null): string => (bpw === null ? nothing : round(bpw, 2));

/** Relative rise from its natural logarithm: 0.0296 → `+3.00`, in percent. */
export const formatRise = (logRatio: number, digits = 2): string => {
  const percent = Math.expm1(logRatio) * 100;
  if (percent > 1e6) return ">1e6";
  const text = round(percent, Math.abs(percent) >= 1000 ? 0 : digits);
  return percent >= 0 ? `+${text}` : text.replace("-", "−");
};

/** KL divergence, nats a token. */
export const formatKld = (kld: number, digits = 4): string => round(kld, kld >= 10 ? 2 : digits).replace("-", "−");

/** Tokens with the same top token in percent, from the part of tokens that lost it. */
export const formatSameTop = (topLoss: number, digits = 2): string => round((1 - topLoss) * 100, digits);

/** A number beside its limit: with as many digits as it takes to see on which side of the limit it lies. */
export const against = (
  value: number,
  limit: number,
  format: (number: number, digits: number) => string,
  digits: number,
): string => {
  const same = (wanted: number): boolean => format(value, wanted) === format(limit, wanted);
  return value !== limit && digits < 9 && same(digits)
    ? against(value, limit, format, digits + 1)
    : format(value, digits);
};

/** Bytes in decimal units with three digits, as disks and downloads are sold: `8.40 MB`. */
export const formatDecimalBytes = (bytes: number): string => {
  const power = Math.min(4, Math.max(0, Math.floor(Math.log10(Math.max(1, Math.abs(bytes)) * 1.0005) / 3)));
  const value = bytes / 1000 ** power;
  const text = power === 0 ? String(value) : Math.abs(value) >= 999.5 ? value.toFixed(0) : value.toPrecision(3);
  return `${text.replace("-", "−")} ${["B", "kB", "MB", "GB", "TB"][power] ?? ""}`;
};

/** A number near zero, with two digits that count. */
export const formatSmall = (value: number): string => String(Number(value.toPrecision(2))).replace("-", "−");
