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
const secondFactors: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600 };

const scaled = (text: string, factors: Readonly<Record<string, number>>): number | undefined => {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const factor = match?.[2] === undefined ? undefined : factors[match[2].toLowerCase()];
  return match === null || factor === undefined ? undefined : Number(match[1]) * factor;
};

/** `8GiB`, `500 MB` → bytes; undefined when it is no size. */
export const parseBytes = (text: string): number | undefined => {
  const bytes = scaled(text, byteFactors);
  return bytes === undefined ? undefined : Math.round(bytes);
};

/** `100k`, `1.5M`, `4096` → tokens (k = 1,000). */
export const parseTokens = (text: string): number | undefined => {
  const tokens = scaled(text, { "": 1, k: 1e3, m: 1e6 });
  return tokens === undefined || !Number.isInteger(tokens) ? undefined : tokens;
};

/** `3%`, `0.5 %` → 0.03, 0.005. */
export const parsePercent = (text: string): number | undefined => {
  const match = /^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim());
  // Through a decimal string, so that 3 % is the double nearest to 0.03 and not 3 * 0.01.
  return match?.[1] === undefined ? undefined : Number(`${match[1]}e-2`);
};

/** `90s`, `10m`, `5h` → seconds. */
export const parseSeconds = (text: string): number | undefined => scaled(text, secondFactors);

/** Bytes in binary units with three significant digits, as tools for GGUF files print them. */
export const formatBytes = (bytes: number): string => {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let index = 0;
  let value = bytes;
  while (value >= 1024 && index < units.length - 1) {
    value /= 1024;
    index += 1;
  }
  return `${index === 0 ? String(value) : value.toPrecision(value >= 1000 ? 4 : 3)} ${units[index] ?? ""}`;
};
