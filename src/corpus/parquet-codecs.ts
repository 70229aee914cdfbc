import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import type { Compressors } from "hyparquet";

/**
 * How pages are unpacked. Node's own where it has them: they stop at the length that a page may have, while the ones of the
 * package take the length from the packed bytes. Snappy is the reader's own.
 */
export const openCodecs = async (): Promise<Compressors> => {
  const { decompressLz4, decompressLz4Raw } = await import("hyparquet-compressors");
  return {
    GZIP: (packed, length) => gunzipSync(packed, { maxOutputLength: Math.max(1, length) }),
    BROTLI: (packed, length) => brotliDecompressSync(packed, { maxOutputLength: Math.max(1, length) }),
    ZSTD: (packed, length) => zstdDecompressSync(packed, { maxOutputLength: Math.max(1, length) }),
    LZ4: decompressLz4,
    LZ4_RAW: decompressLz4Raw,
  };
};
