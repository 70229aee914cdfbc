import type { Architecture } from "./architectures.ts";
import type { HeaderKeys } from "./header-keys.ts";

/** `empty`: it keeps nothing, such as a layer that is a feed-forward part only. */
export type LayerKind = "attention" | "recurrent" | "both" | "empty";

/** The kind of each layer of the trunk: the filters of `llama_model::create_memory` and the files of the table. */
export const recurrentLayers = (
  keys: HeaderKeys,
  known: Architecture | undefined,
  keyHeads: readonly number[],
  layers: number,
): readonly LayerKind[] => {
  const feedForward = keys.perLayer("feed_forward_length", keyHeads.length);
  const kind = (heads: number, index: number): LayerKind => kindOf(keys, known, index, heads, feedForward[index] ?? 0);
  return keyHeads.slice(0, layers).map(kind);
};

const kindOf = (
  keys: HeaderKeys,
  known: Architecture | undefined,
  index: number,
  heads: number,
  feedForward: number,
): LayerKind => {
  const rule = known?.recurrent;
  if (rule === "all") return "recurrent";
  if (rule === "both") return "both";
  if (rule === "no-kv-heads") return heads === 0 ? "recurrent" : "attention";
  if (rule === "no-kv-heads-no-ff") return nemotron(heads, feedForward);
  return rule === "interval" && isBetween(keys, index) ? "recurrent" : "attention";
};

const nemotron = (heads: number, feedForward: number): LayerKind => {
  if (feedForward > 0) return "empty";
  return heads === 0 ? "recurrent" : "attention";
};

const isBetween = (keys: HeaderKeys, index: number): boolean => {
  const listed = keys.numbers("attention.recurrent_layers");
  if (listed !== undefined) return (listed[index] ?? 0) !== 0;
  const interval = keys.number("full_attention_interval") ?? 4;
  return interval > 0 && (index + 1) % interval !== 0;
};

/** Numbers of one sequence's state in one layer: `n_embd_r` and `n_embd_s` in llama-hparams.cpp. */
export const stateSize = (keys: HeaderKeys, heads: number): number => {
  const of = (key: string): number => keys.number(key) ?? 0;
  const width = of("embedding_length");
  const scan = of("ssm.state_size") * of("ssm.inner_size");
  const wkv = of("wkv.head_size");
  if (wkv > 0) return (keys.number("token_shift_count") ?? 2) * width + width * wkv;
  const short = of("shortconv.l_cache");
  if (short > 0) return width * (short - 1) + scan;
  const delta = of("kda.head_dim");
  const kernel = of("ssm.conv_kernel");
  if (delta > 0) return 3 * (kernel > 0 ? kernel - 1 : 3) * heads * delta + delta * delta * heads;
  const convolved = of("ssm.inner_size") + 2 * of("ssm.group_count") * of("ssm.state_size");
  return Math.max(0, kernel - 1) * convolved + scan;
};
