import type { HeaderModel } from "./header-models.ts";

/** A tensor before it has a type: matrices are quantized, the rest stays in single precision. */
export interface Part {
  readonly name: string;
  readonly dims: readonly number[];
  readonly kind: "matrix" | "plain" | "experts";
}

const matrix = (name: string, ...dims: readonly number[]): Part => ({ name: `${name}.weight`, dims, kind: "matrix" });
const plain = (name: string, ...dims: readonly number[]): Part => ({ name, dims, kind: "plain" });
const norm = (name: string, ...dims: readonly number[]): Part => plain(`${name}.weight`, ...dims);
const experts = (name: string, ...dims: readonly number[]): Part => ({ name: `${name}.weight`, dims, kind: "experts" });

/** All tensors that llama.cpp asks of the architecture (`load_arch_tensors` in src/models/<architecture>.cpp). */
export const partsOf = (model: HeaderModel): readonly Part[] => {
  const layers = Array.from({ length: model.layers }, (_, index) => index);
  return [...aroundParts(model), ...layers.flatMap((index) => named(layerParts(model, index), `blk.${index}.`))];
};

const named = (parts: readonly Part[], before: string): readonly Part[] =>
  parts.map((part) => ({ ...part, name: `${before}${part.name}` }));

const aroundParts = ({ architecture, width, vocabulary, tied }: HeaderModel): readonly Part[] => {
  const bloom = architecture === "bloom";
  return [
    matrix("token_embd", width, vocabulary),
    ...(bloom ? [norm("token_embd_norm", width), plain("token_embd_norm.bias", width)] : []),
    norm(architecture === "lfm2" ? "token_embd_norm" : "output_norm", width),
    ...(bloom ? [plain("output_norm.bias", width)] : []),
    ...(tied === true ? [] : [matrix("output", width, vocabulary)]),
  ];
};

interface Layer {
  readonly model: HeaderModel;
  readonly index: number;
  readonly heads: number;
  readonly keyHeads: number;
  readonly head: number;
  readonly feedForward: number;
}

const of = (value: number | readonly number[], index: number): number =>
  typeof value === "number" ? value : (value[index] ?? 0);

const layerParts = (model: HeaderModel, index: number): readonly Part[] => {
  const heads = of(model.heads, index);
  const head = model.head ?? (heads === 0 ? 0 : model.width / heads);
  const feedForward = of(model.feedForward, index);
  const layer = { model, index, heads, keyHeads: of(model.keyHeads, index), head, feedForward };
  return [...mixerParts(layer), ...feedForwardParts(layer)];
};

/** What mixes tokens: attention, a scan, a convolution. */
const mixerParts = (layer: Layer): readonly Part[] => {
  const { model, keyHeads, index } = layer;
  const attn = norm("attn_norm", model.width);
  switch (model.architecture) {
    case "mamba":
      return [attn, ...mambaParts(model)];
    case "jamba":
      return [attn, ...(keyHeads === 0 ? [...mambaParts(model), ...jambaNorms(model)] : attentionParts(layer))];
    case "falcon-h1":
      return [attn, ...mamba2Parts(model), ...attentionParts(layer)];
    case "granitehybrid":
      return [attn, ...(keyHeads === 0 ? mamba2Parts(model) : attentionParts(layer))];
    case "lfm2":
      return [attn, ...(keyHeads === 0 ? convolutionParts(model) : attentionParts(layer))];
    case "qwen3next":
      return [attn, norm("post_attention_norm", model.width), ...nextParts(layer, (index + 1) % 4 === 0)];
    case "deepseek2":
      return [attn, ...latentParts(layer)];
    case "bloom":
      return [attn, plain("attn_norm.bias", model.width), ...bloomParts(model)];
    case "deci":
      return keyHeads === 0 ? [] : [attn, ...attentionParts(layer)];
    default:
      return [attn, ...attentionParts(layer)];
  }
};

const attentionParts = ({ model, heads, keyHeads, head }: Layer): readonly Part[] => {
  const { width, architecture } = model;
  const [queries, keys] = [heads * head, keyHeads * head];
  const biased = architecture === "qwen2" || architecture === "gpt-oss";
  const normed = ["qwen3", "qwen3moe", "gemma3", "lfm2", "qwen3next"].includes(architecture);
  return [
    matrix("attn_q", width, architecture === "qwen3next" ? 2 * queries : queries),
    matrix("attn_k", width, keys),
    matrix("attn_v", width, keys),
    matrix("attn_output", queries, width),
    ...(biased ? [plain("attn_q.bias", queries), plain("attn_k.bias", keys), plain("attn_v.bias", keys)] : []),
    ...(normed ? [norm("attn_q_norm", head), norm("attn_k_norm", head)] : []),
    ...(architecture.startsWith("gemma") ? [norm("post_attention_norm", width), norm("post_ffw_norm", width)] : []),
    ...(architecture === "gpt-oss"
      ? [norm("post_attention_norm", width), plain("attn_output.bias", width), norm("attn_sinks", heads)]
      : []),
  ];
};

const bloomParts = ({ width }: HeaderModel): readonly Part[] => [
  matrix("attn_qkv", width, 3 * width),
  plain("attn_qkv.bias", 3 * width),
  matrix("attn_output", width, width),
  plain("attn_output.bias", width),
];

const latentParts = ({ model, heads }: Layer): readonly Part[] => {
  const { width, latent } = model;
  if (latent === undefined) throw new Error("latent attention without its sizes");
  const { queryRank: rank, plain: size, rope } = latent;
  return [
    ...(rank === undefined
      ? [matrix("attn_q", width, heads * (size + rope))]
      : [
          matrix("attn_q_a", width, rank),
          norm("attn_q_a_norm", rank),
          matrix("attn_q_b", rank, heads * (size + rope)),
        ]),
    matrix("attn_kv_a_mqa", width, latent.rank + latent.rope),
    norm("attn_kv_a_norm", latent.rank),
    matrix("attn_k_b", latent.plain, latent.rank, heads),
    matrix("attn_v_b", latent.rank, latent.value, heads),
    matrix("attn_output", heads * latent.value, width),
  ];
};

const scanOf = ({ scan }: HeaderModel): NonNullable<HeaderModel["scan"]> => {
  if (scan === undefined) throw new Error("a scan without its sizes");
  return scan;
};

const mambaParts = (model: HeaderModel): readonly Part[] => {
  const { kernel, inner, state, rank } = scanOf(model);
  return [
    matrix("ssm_in", model.width, 2 * inner),
    norm("ssm_conv1d", kernel, inner),
    plain("ssm_conv1d.bias", inner),
    matrix("ssm_x", inner, rank + 2 * state),
    norm("ssm_dt", rank, inner),
    plain("ssm_dt.bias", inner),
    plain("ssm_a", state, inner),
    plain("ssm_d", inner),
    matrix("ssm_out", inner, model.width),
  ];
};

const jambaNorms = (model: HeaderModel): readonly Part[] => {
  const { state, rank } = scanOf(model);
  return [norm("ssm_dt_norm", rank), norm("ssm_b_norm", state), norm("ssm_c_norm", state)];
};

const mamba2Parts = (model: HeaderModel): readonly Part[] => {
  const { kernel, inner, state, rank, groups } = scanOf(model);
  const convolved = inner + 2 * groups * state;
  return [
    matrix("ssm_in", model.width, inner + convolved + rank),
    norm("ssm_conv1d", kernel, convolved),
    plain("ssm_conv1d.bias", convolved),
    plain("ssm_dt.bias", rank),
    plain("ssm_a", 1, rank),
    plain("ssm_d", 1, rank),
    norm("ssm_norm", inner / groups, groups),
    matrix("ssm_out", inner, model.width),
  ];
};

const convolutionParts = ({ width, keys }: HeaderModel): readonly Part[] => [
  norm("shortconv.conv", keys?.["shortconv.l_cache"] ?? 0, width),
  matrix("shortconv.in_proj", width, 3 * width),
  matrix("shortconv.out_proj", width, width),
];

const nextParts = (layer: Layer, full: boolean): readonly Part[] => {
  if (full) return attentionParts(layer);
  const { width } = layer.model;
  const { kernel, inner, state, rank, groups } = scanOf(layer.model);
  const convolved = 2 * groups * state + inner;
  return [
    matrix("attn_qkv", width, convolved),
    matrix("attn_gate", width, inner),
    norm("ssm_conv1d", kernel, convolved),
    plain("ssm_dt.bias", rank),
    plain("ssm_a", rank),
    matrix("ssm_ba", width, 2 * rank),
    norm("ssm_norm", inner / rank),
    matrix("ssm_out", inner, width),
  ];
};

/** Whether this layer has experts. */
const hasExperts = ({ model, index }: Layer): boolean => {
  const { experts: some } = model;
  if (some === undefined || index < (some.lead ?? 0)) return false;
  return some.every === undefined || index % some.every === 1;
};

const feedForwardParts = (layer: Layer): readonly Part[] => {
  const { model, feedForward } = layer;
  const { width, architecture } = model;
  if (architecture === "mamba" || feedForward === 0) return [];
  // gpt-oss and qwen3next have the norm before their experts under another name, and it is there already.
  const before = ["gpt-oss", "qwen3next"].includes(architecture) ? [] : [feedForwardNorm(model)];
  if (hasExperts(layer)) return [...before, ...expertParts(model)];
  if (architecture === "bloom") return [...before, ...bloomFeedForward(width, feedForward)];
  return [
    ...before,
    matrix("ffn_gate", width, feedForward),
    matrix("ffn_up", width, feedForward),
    matrix("ffn_down", feedForward, width),
  ];
};

/** falcon-h1 has it without the usual ending. */
const feedForwardNorm = ({ architecture, width }: HeaderModel): Part =>
  architecture === "falcon-h1" ? plain("ffn_norm", width) : norm("ffn_norm", width);

const bloomFeedForward = (width: number, feedForward: number): readonly Part[] => [
  plain("ffn_norm.bias", width),
  matrix("ffn_up", width, feedForward),
  plain("ffn_up.bias", feedForward),
  matrix("ffn_down", feedForward, width),
  plain("ffn_down.bias", width),
];

const expertParts = ({ width, architecture, experts: some }: HeaderModel): readonly Part[] => {
  if (some === undefined) return [];
  const { count, width: inner, shared } = some;
  return [
    norm("ffn_gate_inp", width, count),
    experts("ffn_gate_exps", width, inner, count),
    experts("ffn_up_exps", width, inner, count),
    experts("ffn_down_exps", inner, width, count),
    ...(architecture === "gpt-oss"
      ? [
          plain("ffn_gate_inp.bias", count),
          plain("ffn_gate_exps.bias", inner, count),
          plain("ffn_up_exps.bias", inner, count),
          plain("ffn_down_exps.bias", width, count),
        ]
      : []),
    ...(architecture === "qwen3next" ? [norm("ffn_gate_inp_shexp", width)] : []),
    ...(shared === undefined
      ? []
      : [
          matrix("ffn_gate_shexp", width, shared),
          matrix("ffn_up_shexp", width, shared),
          matrix("ffn_down_shexp", shared, width),
        ]),
  ];
};
