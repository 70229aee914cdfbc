import { type GgufValue, numbersValue, numberValue } from "./gguf-value.ts";

/** The keys of one architecture, without its name before them. */
export interface HeaderKeys {
  readonly number: (key: string) => number | undefined;
  readonly numbers: (key: string) => readonly number[] | undefined;
  /** One number a layer: of a list its own, of a single number this one, and else that of `fallback`, or 0. */
  readonly perLayer: (key: string, layers: number, fallback?: readonly number[]) => readonly number[];
  /** What is wrong with the numbers that are reckoned with, if anything. */
  readonly trouble: (layers: number) => string | undefined;
}

/** Numbers above it are no sizes of a model, and their products would not be exact. */
const most = 2 ** 31;

const sizes = [
  ["context_length", "embedding_length", "vocab_size", "expert_count", "leading_dense_block_count"],
  ["attention.key_length", "attention.value_length", "attention.key_length_swa", "attention.value_length_swa"],
  ["attention.key_length_mla", "attention.value_length_mla", "attention.sliding_window", "attention.shared_kv_layers"],
  ["ssm.conv_kernel", "ssm.inner_size", "ssm.state_size", "ssm.group_count", "wkv.head_size", "token_shift_count"],
  ["shortconv.l_cache", "kda.head_dim", "full_attention_interval"],
].flat();

const layered = [
  ["attention.head_count", "attention.head_count_kv", "feed_forward_length"],
  ["expert_feed_forward_length", "expert_used_count"],
].flat();

export const headerKeys = (metadata: ReadonlyMap<string, GgufValue>, architecture: string): HeaderKeys => {
  const number = (key: string): number | undefined => numberValue(metadata, `${architecture}.${key}`);
  const numbers = (key: string): readonly number[] | undefined => {
    const found = numbersValue(metadata, `${architecture}.${key}`);
    return found === undefined ? undefined : [...found];
  };
  const perLayer = (key: string, layers: number, fallback?: readonly number[]): readonly number[] => {
    const [list, single] = [numbers(key), number(key)];
    return Array.from({ length: layers }, (_, index) => list?.[index] ?? single ?? fallback?.[index] ?? 0);
  };
  const trouble = (layers: number): string | undefined => {
    const wrong = sizes.find((key) => !isSize(number(key) ?? 0));
    if (wrong !== undefined) return `has ${number(wrong)} as ${wrong}, which is no size`;
    const short = layered.find((key) => (numbers(key)?.length ?? layers) < layers);
    if (short !== undefined) return `lists ${short} for ${numbers(short)?.length} of ${layers} layers`;
    const odd = layered.find((key) => !perLayer(key, layers).every(isSize));
    return odd === undefined ? undefined : `has a number as ${odd} that is no size`;
  };
  return { number, numbers, perLayer, trouble };
};

const isSize = (value: number): boolean => Number.isInteger(value) && value >= 0 && value < most;
