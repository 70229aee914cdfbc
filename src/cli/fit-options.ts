import { InvalidArgumentError } from "commander";
import { parseBytes } from "../base/units.ts";
import { readLength } from "../pipeline/quantities.ts";
import { quantTypeNames, typeAliases } from "../pipeline/types.ts";
import { nearest } from "../pipeline/words.ts";
import type { ContextWish } from "../select/fit/wish.ts";
import { type CacheType, cacheTypeNames } from "../select/memory/cache-type.ts";
import { type Device, devices, findDevice } from "../select/memory/devices.ts";

/** A GPU by its name in the table. */
export const parseDevice = (text: string): Device => {
  const device = findDevice(text);
  if (device !== undefined) return device;
  const near = nearest(
    text.trim().toLowerCase(),
    devices.map(({ id }) => id),
  );
  const meant = near === undefined ? "" : ` Did you mean ${near}?`;
  throw new InvalidArgumentError(`It is no GPU of the table in docs/fit.md.${meant} --vram SIZE does without one.`);
};

const mostBytes = 2 ** 50;

/** A size of memory, bytes. */
export const parseMemory = (text: string): number => {
  const bytes = parseBytes(text);
  if (bytes !== undefined && bytes > 0 && bytes <= mostBytes && /[a-z]/i.test(text)) return bytes;
  throw new InvalidArgumentError("It must be a size with its unit, such as 8GiB or 500MiB.");
};

/** What stays free; nothing may. */
export const parseReserve = (text: string): number =>
  /^0+(\s*[kmgt]?i?b)?$/i.test(text.trim()) ? 0 : parseMemory(text);

/** `max`, or tokens of one sequence; k is 1,024. */
export const parseContext = (text: string): ContextWish => {
  if (text.trim().toLowerCase() === "max") return "max";
  const tokens = readLength(text);
  if (tokens !== undefined && tokens >= 1 && tokens <= 2 ** 24) return { exact: tokens };
  throw new InvalidArgumentError("It must be max, or a number of tokens such as 8192 or 16k.");
};

/** Types of the cache with commas between, each once. */
export const parseCacheTypes = (text: string): CacheType[] => {
  const words = text.split(",").map((word) => word.trim().toLowerCase());
  const types = words.flatMap((word) => cacheTypeNames.find((name) => name === word) ?? []);
  if (types.length === words.length) return [...new Set(types)];
  throw new InvalidArgumentError(`It must be one or several of ${cacheTypeNames.join(", ")}, with commas between.`);
};

/** Types of llama-quantize with commas between, each once. */
export const parseQuantTypes = (text: string): string[] => {
  const words = text.split(",").map((word) => word.trim().toUpperCase());
  const types = words.flatMap((word) => (quantTypeNames.includes(word) ? word : (aliasOf(word) ?? [])));
  if (types.length === words.length) return [...new Set(types)];
  throw new InvalidArgumentError(`It must be one or several of ${quantTypeNames.join(", ")}, with commas between.`);
};

const aliasOf = (word: string): string | undefined =>
  Object.hasOwn(typeAliases, word) ? typeAliases[word] : undefined;

/** A whole number from 1 to `most`. */
export const countUpTo =
  (most: number) =>
  (text: string): number => {
    const count = /^[1-9]\d{0,8}$/.test(text) ? Number(text) : Number.NaN;
    if (count <= most) return count;
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${most}.`);
  };
