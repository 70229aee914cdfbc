import { parseBytes, parsePercent, parseSeconds, parseTokens } from "../base/units.ts";

/** A number as YAML gave it, or a text such as `32 units`. */
export type Written = string | number;

const whole = (value: number): number | undefined => (Number.isSafeInteger(value) && value >= 0 ? value : undefined);

/** `32`, `32 units`, `1 unit` → 32; undefined when it is no whole number of `units` (given in the plural). */
export const readCount = (written: Written, units: string): number | undefined => {
  if (typeof written === "number") return whole(written);
  const match = /^(\d+)\s*([a-z]*)$/i.exec(written.trim());
  const unit = match?.[2]?.toLowerCase();
  const known = unit === "" || unit === units || `${unit ?? "?"}s` === units;
  return known ? whole(Number(match?.[1])) : undefined;
};

/** `512`, `4k`, `512 tokens` → tokens. In the length of a context k is 1,024. */
export const readLength = (written: Written): number | undefined => {
  if (typeof written === "number") return whole(written);
  const match = /^(\d+)\s*(k?)(?:\s*tokens?)?$/i.exec(written.trim());
  return match === null ? undefined : whole(Number(match[1]) * (match[2] === "" ? 1 : 1024));
};

/** `200k`, `1.5M tokens`, `64` → the number; k is 1,000, M is 1,000,000. The unit (given in the plural) may be left out. */
export const readAmount = (written: Written, units: string): number | undefined => {
  if (typeof written === "number") return whole(written);
  return parseTokens(written.trim().replace(new RegExp(`(?<=[\\dkm])\\s*${units.slice(0, -1)}s?$`, "i"), ""));
};

/** `3%` → 0.03. A bare number is refused, because 0.5 and 50 both look like a half to somebody. */
export const readPercent = (written: Written): number | undefined =>
  typeof written === "number" ? undefined : parsePercent(written);

/** `10m` → 600 seconds. A bare number is refused, because it has no unit. */
export const readDuration = (written: Written): number | undefined =>
  typeof written === "number" ? undefined : parseSeconds(written);

/** `20GiB`, `500 MB` → bytes. A bare number is refused, because it has no unit. */
export const readBytes = (written: Written): number | undefined =>
  typeof written === "number" ? undefined : parseBytes(written);

/** `0.06`, `0.06 nats` → nats. */
export const readNats = (written: Written): number | undefined => {
  if (typeof written === "number") return written;
  const match = /^(\d+(?:\.\d+)?)\s*nats?$/i.exec(written.trim());
  return match === null ? undefined : Number(match[1]);
};

/** 0.03 → `3%`, with at most four decimals. */
export const percentText = (part: number): string => `${String(Number((part * 100).toFixed(4)))}%`;
