/** A way to store a tensor's numbers, in blocks along a row. */
export interface GgmlType {
  /** As llama.cpp prints it, such as `q4_K`. */
  readonly name: string;
  /** Numbers in a block. */
  readonly block: number;
  /** Bytes of a block. */
  readonly bytes: number;
  /** What a block is made of; `d` and `m` are half-precision scales. */
  readonly source: string;
}

const row = (name: string, block: number, bytes: number, source: string): GgmlType => ({ name, block, bytes, source });

/**
 * Type number in a GGUF file → type. Numbers: `enum ggml_type` in ggml/include/ggml.h; names and sizes: printed with
 * ggml_type_name, ggml_blck_size and ggml_type_size of llama.cpp v0.5.0. `source` names the struct of
 * ggml/src/ggml-common.h that the size follows from. Numbers that are missing were removed from the format.
 */
export const ggmlTypes: ReadonlyMap<number, GgmlType> = new Map([
  [0, row("f32", 1, 4, "float")],
  [1, row("f16", 1, 2, "ggml_half")],
  [2, row("q4_0", 32, 18, "block_q4_0: d + 32/2")],
  [3, row("q4_1", 32, 20, "block_q4_1: d, m + 32/2")],
  [6, row("q5_0", 32, 22, "block_q5_0: d + 4 + 32/2")],
  [7, row("q5_1", 32, 24, "block_q5_1: d, m + 4 + 32/2")],
  [8, row("q8_0", 32, 34, "block_q8_0: d + 32")],
  [9, row("q8_1", 32, 36, "block_q8_1: d, s + 32")],
  [10, row("q2_K", 256, 84, "block_q2_K: d, m + 256/16 + 256/4")],
  [11, row("q3_K", 256, 110, "block_q3_K: d + 256/4 + 256/8 + 12")],
  [12, row("q4_K", 256, 144, "block_q4_K: d, m + 12 + 256/2")],
  [13, row("q5_K", 256, 176, "block_q5_K: d, m + 12 + 256/2 + 256/8")],
  [14, row("q6_K", 256, 210, "block_q6_K: d + 256/16 + 3*256/4")],
  [15, row("q8_K", 256, 292, "block_q8_K: float + 256 + 256/16 sums of 2")],
  [16, row("iq2_xxs", 256, 66, "block_iq2_xxs: d + 256/8 codes of 2")],
  [17, row("iq2_xs", 256, 74, "block_iq2_xs: d + 256/8 codes of 2 + 256/32")],
  [18, row("iq3_xxs", 256, 98, "block_iq3_xxs: d + 3*256/8")],
  [19, row("iq1_s", 256, 50, "block_iq1_s: d + 256/8 + 256/32 codes of 2")],
  [20, row("iq4_nl", 32, 18, "block_iq4_nl: d + 32/2")],
  [21, row("iq3_s", 256, 110, "block_iq3_s: d + 13*256/32 + 256/64")],
  [22, row("iq2_s", 256, 82, "block_iq2_s: d + 256/4 + 256/16")],
  [23, row("iq4_xs", 256, 136, "block_iq4_xs: d + 2 + 256/64 + 256/2")],
  [24, row("i8", 1, 1, "int8_t")],
  [25, row("i16", 1, 2, "int16_t")],
  [26, row("i32", 1, 4, "int32_t")],
  [27, row("i64", 1, 8, "int64_t")],
  [28, row("f64", 1, 8, "double")],
  [29, row("iq1_m", 256, 56, "block_iq1_m: 256/8 + 256/16 + 256/32")],
  [30, row("bf16", 1, 2, "ggml_bf16_t")],
  [34, row("tq1_0", 256, 54, "block_tq1_0: d + 4*12 + 256/64")],
  [35, row("tq2_0", 256, 66, "block_tq2_0: d + 256/4")],
  [39, row("mxfp4", 32, 17, "block_mxfp4: 1 + 32/2")],
  [40, row("nvfp4", 64, 36, "block_nvfp4: 64/16 + 64/2")],
  [41, row("q1_0", 128, 18, "block_q1_0: d + 128/8")],
  [42, row("q2_0", 64, 18, "block_q2_0: d + 64/4")],
]);

/** Bytes of a tensor's numbers; undefined for a type that is not in the table or rows that its blocks do not divide. */
export const tensorBytes = (type: string, shape: readonly number[]): number | undefined => {
  const found = [...ggmlTypes.values()].find(({ name }) => name === type);
  const [length = 0, ...rest] = shape;
  if (found === undefined || length % found.block !== 0) return undefined;
  return rest.reduce((product, each) => product * each, (length / found.block) * found.bytes);
};
