import type { FeedForwardShape, LayerShape, ModelShape, ShapeAssumption, TensorShape } from "../base/model-shape.ts";
import { ok, type Result } from "../base/result.ts";
import { type Architecture, architectures } from "./architectures.ts";
import { type FileFlaw, flaw } from "./bytes.ts";
import type { Gguf, GgufTensor } from "./gguf.ts";
import { textValue } from "./gguf-value.ts";
import { headerKeys, type HeaderKeys } from "./header-keys.ts";
import { recurrentLayers, stateSize } from "./recurrent-layers.ts";
import { windowOf } from "./window-layers.ts";
import { vocabularySize } from "./vocab.ts";

/** The most layers that llama.cpp takes (LLAMA_MAX_LAYERS in llama-hparams.h). */
const mostLayers = 512;

/**
 * What of a model decides its memory. Pass the header of all shards together (shards.ts). The rules are those of
 * `llama_model_base::load_hparams` in llama-model.cpp and of the files that the table of architectures names. The error
 * says what is missing or cannot be.
 */
export const modelShape = (gguf: Gguf): Result<ModelShape, FileFlaw> => {
  const name = textValue(gguf.metadata, "general.architecture");
  if (name === undefined || name === "") return flaw("names no architecture");
  const known = architectures.get(name);
  const keys = headerKeys(gguf.metadata, name);
  const blocks = keys.number("block_count") ?? 0;
  if (!isCount(blocks) || blocks < 1 || blocks > mostLayers)
    return flaw(`has ${blocks} layers, not 1 to ${mostLayers}`);
  const drafts = keys.number("nextn_predict_layers") ?? 0;
  if (!isCount(drafts) || drafts > blocks) return flaw(`has ${drafts} layers for drafting, of ${blocks}`);
  const trouble = keys.trouble(blocks);
  return trouble === undefined ? ok(shapeOf(gguf, keys, known, { name, blocks, drafts })) : flaw(trouble);
};

interface Counts {
  readonly name: string;
  readonly blocks: number;
  readonly drafts: number;
}

const shapeOf = (gguf: Gguf, keys: HeaderKeys, known: Architecture | undefined, counts: Counts): ModelShape => {
  const { name: architecture, blocks, drafts } = counts;
  const window = windowOf(keys, known, blocks);
  const all = layersOf(keys, known, blocks, drafts, window.layers);
  const layers = all.slice(0, blocks - drafts);
  return {
    architecture,
    trainedContext: keys.number("context_length") ?? 0,
    width: keys.number("embedding_length") ?? 0,
    vocabulary: vocabularyOf(gguf, keys),
    layers,
    blocks,
    window: layers.some(({ reach }) => reach === "window") ? window.tokens : 0,
    latent: isLatent(keys, known),
    latentHead: isLatent(keys, known) ? (keys.number("attention.key_length_mla") ?? 0) : 0,
    widestValues: Math.max(0, ...all.map(({ values }) => values)),
    feedForward: { ...feedForwardOf(keys, blocks, layers), gated: isGated(gguf) },
    tensors: gguf.tensors.map(tensorShape),
    assumptions: assumptionsOf(known, counts),
    fused: gguf.tensors.some(({ name }) => name.endsWith(".attn_qkv.weight")),
    scaledQueries: known?.scaledQueries === true,
    noFlashAttention: known?.noFlashAttention === true,
  };
};

const isLatent = (keys: HeaderKeys, known: Architecture | undefined): boolean =>
  known?.latent === true &&
  (keys.number("attention.key_length_mla") ?? 0) > 0 &&
  (keys.number("attention.value_length_mla") ?? 0) > 0;

const tensorShape = ({ name, type, dims, bytes }: GgufTensor): TensorShape => ({ name, type: type.name, dims, bytes });

const assumptionsOf = (known: Architecture | undefined, { drafts }: Counts): readonly ShapeAssumption[] => {
  const drafting: readonly ShapeAssumption[] = drafts > 0 ? ["draft-layers"] : [];
  if (known === undefined) return ["unknown-architecture", ...drafting];
  if (known.cache === "unmodelled") return ["unmodelled-cache", ...drafting];
  return known.measured === true || known.cache === "none" ? drafting : ["unmeasured-cache", ...drafting];
};

/** The tokenizer counts, as in llama.cpp; a header without one may say how many there would be. */
const vocabularyOf = (gguf: Gguf, keys: HeaderKeys): number => {
  const embedding = gguf.tensors.find(({ name }) => name === "token_embd.weight");
  return vocabularySize(gguf) ?? keys.number("vocab_size") ?? embedding?.dims[1] ?? 0;
};

const layersOf = (
  keys: HeaderKeys,
  known: Architecture | undefined,
  blocks: number,
  drafts: number,
  windowed: readonly boolean[],
): readonly LayerShape[] => {
  const heads = keys.perLayer("attention.head_count", blocks);
  const keyHeads = keys.perLayer("attention.head_count_kv", blocks, heads);
  const states = recurrentLayers(keys, known, keyHeads, blocks - drafts);
  const state = stateSize(keys, heads[0] ?? 0);
  const own = ownLayers(keys, known, blocks);
  const size = headSizes(keys, heads[0] ?? 0);
  return heads.map((count, index) => {
    const kvHeads = keyHeads[index] ?? 0;
    const inWindow = windowed[index] === true;
    const { key, value } = inWindow ? size.windowed : size.full;
    const kind = states[index] ?? "attention";
    const keeps = known?.cache !== "none" && index < own && (kind === "attention" || kind === "both");
    return {
      heads: count,
      keyHead: key,
      valueHead: value,
      keys: key * kvHeads,
      values: value * kvHeads,
      reach: keeps ? (inWindow ? "window" : "all") : "none",
      state: kind === "recurrent" || kind === "both" ? state : 0,
    };
  });
};

/** Layers that keep keys and values of their own; those behind read the ones of an earlier layer. */
const ownLayers = (keys: HeaderKeys, known: Architecture | undefined, blocks: number): number => {
  if (typeof known?.ownCache === "number") return known.ownCache;
  if (known?.ownCache === "not-shared") return blocks - (keys.number("attention.shared_kv_layers") ?? 0);
  return blocks;
};

interface HeadSize {
  readonly key: number;
  readonly value: number;
}

/** The first layer decides whether a model has heads at all, even where each layer has its own number. */
const headSizes = (keys: HeaderKeys, heads: number): { readonly full: HeadSize; readonly windowed: HeadSize } => {
  const usual = heads === 0 ? 0 : Math.floor((keys.number("embedding_length") ?? 0) / heads);
  const full = {
    key: heads === 0 ? 0 : (keys.number("attention.key_length") ?? usual),
    value: heads === 0 ? 0 : (keys.number("attention.value_length") ?? usual),
  };
  const windowed = {
    key: keys.number("attention.key_length_swa") ?? full.key,
    value: keys.number("attention.value_length_swa") ?? full.value,
  };
  return { full, windowed };
};

const feedForwardOf = (
  keys: HeaderKeys,
  blocks: number,
  layers: readonly LayerShape[],
): Omit<FeedForwardShape, "gated"> => {
  const width = Math.max(0, ...keys.perLayer("feed_forward_length", blocks).slice(0, layers.length));
  const experts = keys.number("expert_count") ?? 0;
  const expert = Math.max(0, ...keys.perLayer("expert_feed_forward_length", blocks));
  const used = Math.max(0, ...keys.perLayer("expert_used_count", blocks));
  const lead = keys.number("leading_dense_block_count") ?? 0;
  const inner = keys.number("ssm.inner_size") ?? 0;
  if (experts === 0) return { dense: width, experts, used: 0, expert: 0, inner };
  // Without a width of their own, experts are as wide as the feed-forward part.
  return { dense: lead > 0 ? width : 0, experts, used, expert: expert > 0 ? expert : width, inner };
};

/** Without a gate there is one product, and what becomes of it takes its place; a gate may be one tensor with it (phi3). */
const isGated = ({ tensors }: Gguf): boolean => {
  if (tensors.some(({ name }) => /\.ffn_gate(?:_exps|_up_exps)?\.weight$/.test(name))) return true;
  // By name, because a header may have a quarter of a million tensors.
  const rows = new Map(tensors.map(({ name, dims }) => [name, dims[0]]));
  const ups = tensors.filter(({ name }) => name.endsWith(".ffn_up.weight"));
  return !ups.some(({ name, dims }) => rows.get(name.replace("ffn_up", "ffn_down")) === dims[1]);
};

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
