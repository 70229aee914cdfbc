/** A type that llama.cpp stores keys or values in. */
export interface CacheTypeSize {
  /** Numbers in a block along a row. */
  readonly block: number;
  /** Bytes of a block. */
  readonly bytes: number;
}

/** The nine that `-ctk` and `-ctv` take (common/arg.cpp of llama.cpp v0.5.0); sizes: ggml/src/ggml-common.h. */
export const cacheTypes = {
  f32: { block: 1, bytes: 4 },
  f16: { block: 1, bytes: 2 },
  bf16: { block: 1, bytes: 2 },
  q8_0: { block: 32, bytes: 34 },
  q5_1: { block: 32, bytes: 24 },
  q5_0: { block: 32, bytes: 22 },
  q4_1: { block: 32, bytes: 20 },
  q4_0: { block: 32, bytes: 18 },
  iq4_nl: { block: 32, bytes: 18 },
} as const satisfies Readonly<Record<string, CacheTypeSize>>;

export type CacheType = keyof typeof cacheTypes;

/** The nine names, for those who parse a command line. */
export const cacheTypeNames = Object.keys(cacheTypes) as readonly CacheType[];

export const isQuantized = (type: CacheType): boolean => cacheTypes[type].block > 1;

/** Bytes of a row of so many numbers; the numbers are a multiple of the block (`refusal` sees to it). */
export const rowBytes = (type: CacheType, numbers: number): number =>
  (numbers / cacheTypes[type].block) * cacheTypes[type].bytes;
