/** How people write quantities, and back. k = 1,000 in token budgets; KiB/MiB/GiB are binary, kB/MB/GB decimal. */

const byteFactors: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

const scaled = (text: string, factors: Readonly<Record<string, number>>): number | undefined => {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = match?.[2]?.toLowerCase();
  // Own names only: `constructor` is no unit.
  const factor = unit === undefined || !Object.hasOwn(factors, unit) ? undefined : factors[unit];
  return match === null || factor === undefined ? undefined : Number(match[1]) * factor;
};

/** `8GiB`, `500 MB` → bytes; undefined when it is no size. */
export const parseBytes = (text: string): number | undefined => {
  const bytes = scaled(text, byteFactors);
  return bytes === undefined ? undefined : Math.round(bytes);
};

/** `100k`, `1.5M`, `4096` → tokens (k = 1,000). */
export const parseTokens = (text: string): number | undefined => {
  const match = /^(\d+(?:\.\d+)?)\s*([km]?)$/i.exec(text.trim());
  if (match?.[1] === undefined) return undefined;
  // Through a decimal string, so that 1.005k is 1,005 and not 1,004.9999999999999.
  const tokens = Number(`${match[1]}e${{ "": 0, k: 3, m: 6 }[match[2]?.toLowerCase() ?? ""] ?? 0}`);
  return Number.isSafeInteger(tokens) ? tokens : undefined;
};

/** `3%`, `0.5 %` → 0.03, 0.005. */
export const parsePercent = (text: string): number | undefined => {
  const match = /^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim());
  // Through a decimal string, so that 3 % is the double nearest to 0.03 and not 3 * 0.01.
  return match?.[1] === undefined ? undefined : Number(`${match[1]}e-2`);
};

/** `90s`, `10m`, `1.5h`, `5h30m` → seconds: hours, minutes and seconds in this order, one of them at least. */
export const parseSeconds = (text: string): number | undefined => {
  const number = String.raw`(\d+(?:\.\d+)?)\s*`;
  const match = new RegExp(`^(?:${number}h)?\\s*(?:${number}m(?:in)?)?\\s*(?:${number}s)?$`, "i").exec(text.trim());
  const [hours, minutes, seconds] = match?.slice(1) ?? [];
  if ((hours ?? minutes ?? seconds) === undefined) return undefined;
  return Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
};

/** Bytes in binary units with three significant digits, as tools for GGUF files print them. */
export const formatBytes = (bytes: number): string => {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let index = 0;
  let value = bytes;
  // What would be shown as 1024 KiB is 1 MiB.
  while (Math.round(value) >= 1024 && index < units.length - 1) {
    value /= 1024;
    index += 1;
  }
  return `${index === 0 ? String(value) : value >= 999.5 ? value.toFixed(0) : value.toPrecision(3)} ${units[index] ?? ""}`;
};
