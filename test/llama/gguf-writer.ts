/** Writes small GGUF files for tests. */
export type Entry =
  | { readonly key: string; readonly u32: number }
  | { readonly key: string; readonly f32: number }
  | { readonly key: string; readonly bool: boolean }
  | { readonly key: string; readonly text: string }
  | { readonly key: string; readonly texts: readonly string[] }
  | { readonly key: string; readonly floats: readonly number[] }
  | { readonly key: string; readonly ints: readonly number[] };

export interface Tensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly type: number;
  readonly data: Uint8Array;
}

/** A tensor of which only the length is known. */
export interface TensorLength {
  readonly name: string;
  readonly dims: readonly number[];
  readonly type: number;
  readonly bytes: number;
}

export const ggufBytes = (entries: readonly Entry[], tensors: readonly Tensor[], version = 3): Buffer => {
  const lengths = tensors.map(({ data, ...rest }) => ({ ...rest, bytes: data.length }));
  return Buffer.concat([headerBytes(entries, lengths, version).header, ...tensors.map(({ data }) => padded(data))]);
};

/** All but the tensors' data, and the length of the whole file. */
export const headerBytes = (
  entries: readonly Entry[],
  tensors: readonly TensorLength[],
  version = 3,
): { readonly header: Buffer; readonly length: number } => {
  const head = [u32(0x46554747), u32(version), u64(tensors.length), u64(entries.length), ...entries.map(entryBytes)];
  let offset = 0;
  for (const { name, dims, type, bytes } of tensors) {
    head.push(text(name), u32(dims.length), ...dims.map(u64), u32(type), u64(offset));
    offset += Math.ceil(bytes / 32) * 32;
  }
  const header = padded(Buffer.concat(head));
  return { header, length: header.length + offset };
};

const entryBytes = (entry: Entry): Buffer => {
  const key = text(entry.key);
  if ("u32" in entry) return Buffer.concat([key, u32(4), u32(entry.u32)]);
  if ("f32" in entry) return Buffer.concat([key, u32(6), f32(entry.f32)]);
  if ("bool" in entry) return Buffer.concat([key, u32(7), Buffer.from([entry.bool ? 1 : 0])]);
  if ("text" in entry) return Buffer.concat([key, u32(8), text(entry.text)]);
  if ("texts" in entry) return Buffer.concat([key, u32(9), u32(8), u64(entry.texts.length), ...entry.texts.map(text)]);
  if ("floats" in entry)
    return Buffer.concat([key, u32(9), u32(6), u64(entry.floats.length), ...entry.floats.map(f32)]);
  return Buffer.concat([key, u32(9), u32(5), u64(entry.ints.length), ...entry.ints.map(i32)]);
};

const buffer = (bytes: number, fill: (target: Buffer) => void): Buffer => {
  const target = Buffer.alloc(bytes);
  fill(target);
  return target;
};
const u32 = (value: number): Buffer => buffer(4, (target) => target.writeUInt32LE(value));
const i32 = (value: number): Buffer => buffer(4, (target) => target.writeInt32LE(value));
const f32 = (value: number): Buffer => buffer(4, (target) => target.writeFloatLE(value));
const u64 = (value: number): Buffer => buffer(8, (target) => target.writeBigUInt64LE(BigInt(value)));
const text = (value: string): Buffer => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
const padded = (bytes: Uint8Array): Buffer => Buffer.concat([bytes, Buffer.alloc((32 - (bytes.length % 32)) % 32)]);

/** IEEE half-precision zeros. */
export const halves = (...dims: number[]): Uint8Array => new Uint8Array(2 * dims.reduce((a, b) => a * b, 1));
export const floats = (values: readonly number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

const matrix = (name: string, ...dims: number[]): Tensor => ({ name, dims, type: 1, data: halves(...dims) });

/** A llama model of one block, `width` wide, with a vocabulary of byte-level BPE: all that llama-quantize looks at. */
export const tinyModel = (width: number): Buffer => {
  const alphabet = bpeAlphabet();
  const tokens = [...alphabet, "Ġa", "Ġth", "the", "<|end|>", "<user>"];
  const norm = (name: string): Tensor => ({
    name,
    dims: [width],
    type: 0,
    data: floats(Array.from({ length: width }, () => 1)),
  });
  return ggufBytes(
    [
      { key: "general.architecture", text: "llama" },
      { key: "llama.context_length", u32: 64 },
      { key: "llama.embedding_length", u32: width },
      { key: "llama.block_count", u32: 1 },
      { key: "llama.feed_forward_length", u32: width },
      { key: "llama.attention.head_count", u32: 1 },
      { key: "llama.attention.head_count_kv", u32: 1 },
      { key: "llama.attention.layer_norm_rms_epsilon", f32: 1e-5 },
      { key: "llama.rope.dimension_count", u32: width },
      { key: "tokenizer.ggml.model", text: "gpt2" },
      { key: "tokenizer.ggml.pre", text: "gpt-2" },
      { key: "tokenizer.ggml.tokens", texts: tokens },
      { key: "tokenizer.ggml.token_type", ints: tokens.map((_, id) => (id === 259 ? 3 : id === 260 ? 4 : 1)) },
      { key: "tokenizer.ggml.merges", texts: ["Ġ a", "t h", "th e"] },
      { key: "tokenizer.ggml.add_bos_token", bool: false },
    ],
    [
      matrix("token_embd.weight", width, tokens.length),
      ...["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"].map((part) =>
        matrix(`blk.0.${part}.weight`, width, width),
      ),
      norm("blk.0.attn_norm.weight"),
      norm("blk.0.ffn_norm.weight"),
      norm("output_norm.weight"),
    ],
  );
};

export const bpeAlphabet = (): string[] => {
  let hidden = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
    return String.fromCodePoint(printable ? byte : hidden++);
  });
};
