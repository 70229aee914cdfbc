/** The most files that one model may be in; the largest published ones are in some dozens. */
const mostShards = 1000;

const pattern = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/s;

/**
 * Names of all files of a model, by the name of any of them: `x-00001-of-00003.gguf`, as llama.cpp writes them. Just the one
 * name where it is no such name.
 */
export const shardNames = (name: string): readonly string[] => {
  const [, prefix, , last] = pattern.exec(name) ?? [];
  const count = Number(last);
  if (prefix === undefined || last === undefined || count < 1 || count > mostShards) return [name];
  return Array.from({ length: count }, (_, index) => shardName(prefix, index + 1, count));
};

/** @param number from 1 */
export const shardName = (prefix: string, number: number, count: number): string =>
  `${prefix}-${String(number).padStart(5, "0")}-of-${String(count).padStart(5, "0")}.gguf`;
