import { bpeAlphabet, floats, ggufBytes, type Tensor } from "./gguf-writer.ts";

const width = 256;
const experts = 64;
/** Experts that tokens of plain prose are sent to: letters, spaces and line ends. */
const proseExperts = 4;

/**
 * A llama model of one block with 64 experts of which two are asked for each token, whose vocabulary are single bytes.
 * Which experts a token reaches hangs on its byte: prose reaches the first four and nothing else, digits and signs reach
 * many of the others. All numbers are drawn from `seed`, so that every tool can compute with them and quantize them.
 */
export const moeModel = (seed = 1): Buffer => {
  const random = generator(seed);
  const tokens = [...bpeAlphabet(), "<|end|>"];
  const noise = (name: string, ...dims: number[]): Tensor => ({ name, dims, type: 1, data: halfNoise(random, dims) });
  const norm = (name: string): Tensor => ({ name, dims: [width], type: 0, data: floats(Array<number>(width).fill(1)) });
  return ggufBytes(
    [
      { key: "general.architecture", text: "llama" },
      { key: "llama.context_length", u32: 512 },
      { key: "llama.embedding_length", u32: width },
      { key: "llama.block_count", u32: 1 },
      { key: "llama.feed_forward_length", u32: width },
      { key: "llama.expert_count", u32: experts },
      { key: "llama.expert_used_count", u32: 2 },
      { key: "llama.attention.head_count", u32: 4 },
      { key: "llama.attention.head_count_kv", u32: 4 },
      { key: "llama.attention.layer_norm_rms_epsilon", f32: 1e-5 },
      { key: "llama.rope.dimension_count", u32: width / 4 },
      { key: "tokenizer.ggml.model", text: "gpt2" },
      { key: "tokenizer.ggml.pre", text: "gpt-2" },
      { key: "tokenizer.ggml.tokens", texts: tokens },
      { key: "tokenizer.ggml.token_type", ints: tokens.map((_, id) => (id === tokens.length - 1 ? 3 : 1)) },
      { key: "tokenizer.ggml.merges", texts: ["Ġ Ġ"] },
      { key: "tokenizer.ggml.add_bos_token", bool: false },
    ],
    [
      embeddings(random, tokens.length),
      ...["attn_q", "attn_k", "attn_v", "attn_output"].map((part) => noise(`blk.0.${part}.weight`, width, width)),
      router(random),
      ...["ffn_gate_exps", "ffn_up_exps", "ffn_down_exps"].map((part) =>
        noise(`blk.0.${part}.weight`, width, width, experts),
      ),
      norm("blk.0.attn_norm.weight"),
      norm("blk.0.ffn_norm.weight"),
      norm("output_norm.weight"),
      noise("output.weight", width, tokens.length),
    ],
  );
};

/** Whole numbers below 2^32: a linear congruential generator, of which the high bits are used. */
const generator = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0);
};

/** Halves between 2^-7 and 2^-4, of either sign. */
const halfNoise = (random: () => number, dims: readonly number[]): Uint8Array => {
  const halves = new Uint16Array(dims.reduce((all, dim) => all * dim, 1));
  for (let at = 0; at < halves.length; at += 1) {
    const bits = random() >>> 8;
    halves[at] = ((bits & 1) << 15) | ((8 + ((bits >>> 1) % 3)) << 10) | ((bits >>> 8) & 0x3ff);
  }
  return new Uint8Array(halves.buffer);
};

const small = (random: () => number): number => (random() / 2 ** 32 - 0.5) / 10;

/** The direction of a byte: 0 for prose, 1 to 8 for the others. */
const directionOf = (byte: number): number => {
  const isProse = byte === 0x0a || byte === 0x20 || (byte >= 0x61 && byte <= 0x7a);
  return isProse ? 0 : 1 + (byte % 8);
};

const embeddings = (random: () => number, count: number): Tensor => {
  const rows = Array.from({ length: count }, (_, byte) =>
    Array.from({ length: width }, (__, at) => small(random) + (at === directionOf(byte) ? 1 : 0)),
  );
  return { name: "token_embd.weight", dims: [width, count], type: 0, data: floats(rows.flat()) };
};

const router = (random: () => number): Tensor => {
  const rows = Array.from({ length: experts }, (_, expert) => {
    const direction = expert < proseExperts ? 0 : 1 + (expert % 8);
    return Array.from({ length: width }, (__, at) => small(random) * 4 + (at === direction ? 4 : 0));
  });
  return { name: "blk.0.ffn_gate_inp.weight", dims: [width, experts], type: 0, data: floats(rows.flat()) };
};
