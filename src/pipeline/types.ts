/** A file type that llama-quantize makes. */
export interface QuantTypeInfo {
  /** As llama-quantize prints it. */
  readonly name: string;
  /**
   * Bits per weight, for ordering and for estimates before a dry run. Measured on Llama-3.1-8B where llama.cpp's
   * tools/quantize/README.md (v0.5.0) has the type, else the size of the type's block.
   */
  readonly bpw: number;
  /**
   * `required`: llama-quantize refuses a dense model without one; `used`: it weights the error, if only in tensors of
   * odd width that fall back to another type; `ignored`: no byte depends on it. From a run of every type of v0.5.0.
   */
  readonly imatrix: "required" | "used" | "ignored";
}

/** Every type of llama-quantize v0.5.0 but `COPY`, which quantizes nothing; from many bits to few. */
export const quantTypes: readonly QuantTypeInfo[] = [
  { name: "F32", bpw: 32, imatrix: "ignored" },
  { name: "F16", bpw: 16, imatrix: "ignored" },
  { name: "BF16", bpw: 16, imatrix: "ignored" },
  { name: "Q8_0", bpw: 8.5, imatrix: "ignored" },
  { name: "Q6_K", bpw: 6.56, imatrix: "used" },
  { name: "Q5_1", bpw: 6, imatrix: "used" },
  { name: "Q5_K_M", bpw: 5.7, imatrix: "used" },
  { name: "Q5_K_S", bpw: 5.57, imatrix: "used" },
  { name: "Q5_0", bpw: 5.5, imatrix: "used" },
  { name: "Q4_1", bpw: 5, imatrix: "used" },
  { name: "Q4_K_M", bpw: 4.89, imatrix: "used" },
  { name: "IQ4_NL", bpw: 4.68, imatrix: "used" },
  { name: "Q4_K_S", bpw: 4.67, imatrix: "used" },
  { name: "Q4_0", bpw: 4.5, imatrix: "used" },
  { name: "IQ4_XS", bpw: 4.46, imatrix: "used" },
  { name: "Q3_K_L", bpw: 4.3, imatrix: "used" },
  { name: "MXFP4_MOE", bpw: 4.25, imatrix: "used" },
  { name: "Q3_K_M", bpw: 4, imatrix: "used" },
  { name: "IQ3_M", bpw: 3.76, imatrix: "used" },
  { name: "IQ3_S", bpw: 3.66, imatrix: "used" },
  { name: "Q3_K_S", bpw: 3.64, imatrix: "used" },
  { name: "IQ3_XS", bpw: 3.5, imatrix: "required" },
  { name: "IQ3_XXS", bpw: 3.25, imatrix: "required" },
  { name: "Q2_K", bpw: 3.16, imatrix: "used" },
  { name: "Q2_K_S", bpw: 2.97, imatrix: "required" },
  { name: "IQ2_M", bpw: 2.93, imatrix: "required" },
  { name: "IQ2_S", bpw: 2.74, imatrix: "required" },
  { name: "IQ2_XS", bpw: 2.59, imatrix: "required" },
  { name: "IQ2_XXS", bpw: 2.38, imatrix: "required" },
  { name: "Q2_0", bpw: 2.25, imatrix: "used" },
  { name: "IQ1_M", bpw: 2.15, imatrix: "required" },
  { name: "TQ2_0", bpw: 2.06, imatrix: "used" },
  { name: "IQ1_S", bpw: 2, imatrix: "required" },
  { name: "TQ1_0", bpw: 1.69, imatrix: "used" },
  { name: "Q1_0", bpw: 1.125, imatrix: "used" },
];

/** Second names that llama-quantize has for a type, resolved so that one type is not quantized twice. */
export const typeAliases: Readonly<Record<string, string>> = { Q3_K: "Q3_K_M", Q4_K: "Q4_K_M", Q5_K: "Q5_K_M" };

export const quantTypeNames: readonly string[] = quantTypes.map((type) => type.name);

/** What is known of a type by its canonical name; a pipeline that was loaded holds no other names. */
export const quantType = (name: string): QuantTypeInfo => {
  const found = quantTypes.find((type) => type.name === name);
  if (found === undefined) throw new Error(`Internal error: no quant type ${name}`);
  return found;
};

/** Whether a quant of this type comes out different with an importance matrix. */
export const usesImatrix = (name: string): boolean => quantType(name).imatrix !== "ignored";

/** Bits per weight of the types that a weight can be pinned to: of their blocks. */
const pins: Readonly<Record<string, number>> = { F16: 16, Q8_0: 8.5, Q6_K: 6.5625, Q5_K: 5.5, Q4_K: 4.5 };

export const pinBits = (name: string): number => {
  const bits = pins[name];
  if (bits === undefined) throw new Error(`Internal error: no type ${name} to pin to`);
  return bits;
};
