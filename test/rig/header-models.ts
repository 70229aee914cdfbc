import type { Entry } from "../llama/gguf-writer.ts";

/** Dimensions of a published model, and which tensors its architecture has. */
export interface HeaderModel {
  readonly name: string;
  readonly architecture: string;
  readonly layers: number;
  readonly width: number;
  readonly vocabulary: number;
  /** Trained context, tokens. */
  readonly context: number;
  /** Heads of queries and of keys; a list has one number a layer. */
  readonly heads: number | readonly number[];
  readonly keyHeads: number | readonly number[];
  /** Numbers of a head; the width over the heads unless given. */
  readonly head?: number;
  readonly feedForward: number | readonly number[];
  /** No output matrix of its own. */
  readonly tied?: true;
  readonly experts?: Experts;
  readonly scan?: Scan;
  readonly latent?: Latent;
  /** Further keys, without the name of the architecture before them. */
  readonly keys?: Readonly<Record<string, number>>;
  /** Where the dimensions are published. */
  readonly source: string;
}

export interface Experts {
  readonly count: number;
  readonly used: number;
  /** Feed-forward width of one, and of the experts that all tokens use. */
  readonly width: number;
  readonly shared?: number;
  /** Layers before the first one with experts. */
  readonly lead?: number;
  /** One in so many layers has experts; all unless given. */
  readonly every?: number;
}

/** State-space layers. */
export interface Scan {
  readonly kernel: number;
  readonly inner: number;
  readonly state: number;
  readonly rank: number;
  readonly groups: number;
}

/** Multi-head latent attention. */
export interface Latent {
  readonly rank: number;
  readonly rope: number;
  readonly plain: number;
  readonly value: number;
  /** Of the queries, where these are made in two steps. */
  readonly queryRank?: number;
}

type Rest = Partial<HeaderModel>;

/** @param repository its config.json has the dimensions; or another source, in words */
const row = (
  architecture: string,
  name: string,
  [layers, width, vocabulary, context]: readonly [number, number, number, number],
  [heads, keyHeads, feedForward]: readonly [HeaderModel["heads"], HeaderModel["keyHeads"], HeaderModel["feedForward"]],
  repository: string,
  rest: Rest = {},
): HeaderModel => {
  const source = repository.includes(" ") ? repository : `config.json of huggingface.co/${repository}`;
  const size = { layers, width, vocabulary, context, heads, keyHeads, feedForward };
  return { architecture, name, ...size, source, ...rest };
};

/** One of so many layers has heads for keys. */
const every = (layers: number, period: number, offset: number, heads: number): readonly number[] =>
  Array.from({ length: layers }, (_, index) => (index % period === offset ? heads : 0));

/** Heads for keys at the places given. */
const at = (layers: number, places: readonly number[], heads: number): readonly number[] =>
  Array.from({ length: layers }, (_, index) => (places.includes(index) ? heads : 0));

const repeated = (pattern: readonly number[], layers: number): readonly number[] =>
  Array.from({ length: layers }, (_, index) => pattern[index % pattern.length]!);

const madeUp =
  "made up, in the manner of nvidia/Llama-3_1-Nemotron-51B-Instruct: no two neighbours alike, some without attention";

/**
 * Layers, width, vocabulary, trained context; heads, heads for keys, width of the feed-forward part. The models of
 * docs/vram.md come first.
 */
export const headerModels: readonly HeaderModel[] = [
  row("llama", "llama-2-7b", [32, 4096, 32000, 4096], [32, 32, 11008], "meta-llama/Llama-2-7b-hf"),
  row("llama", "llama-2-13b", [40, 5120, 32000, 4096], [40, 40, 13824], "meta-llama/Llama-2-13b-hf"),
  row("llama", "llama-3.1-8b", [32, 4096, 128256, 131072], [32, 8, 14336], "meta-llama/Llama-3.1-8B"),
  row("llama", "llama-3.1-70b", [80, 8192, 128256, 131072], [64, 8, 28672], "meta-llama/Llama-3.1-70B"),
  row("qwen2", "qwen2.5-14b", [48, 5120, 152064, 32768], [40, 8, 13824], "Qwen/Qwen2.5-14B-Instruct"),
  row("qwen2", "qwen2.5-32b", [64, 5120, 152064, 32768], [40, 8, 27648], "Qwen/Qwen2.5-32B-Instruct"),
  row("qwen3moe", "qwen3-30b-a3b", [48, 2048, 151936, 40960], [32, 4, 6144], "Qwen/Qwen3-30B-A3B", {
    head: 128,
    experts: { count: 128, used: 8, width: 768 },
  }),
  row("gemma3", "gemma-3-12b", [48, 3840, 262144, 131072], [16, 8, 15360], "google/gemma-3-12b-it", {
    head: 256,
    tied: true,
    keys: { "attention.sliding_window": 1024 },
  }),
  row("gemma3", "gemma-3-27b", [62, 5376, 262144, 131072], [32, 16, 21504], "google/gemma-3-27b-it", {
    head: 128,
    tied: true,
    keys: { "attention.sliding_window": 1024 },
  }),
  row("llama", "llama-3.2-1b", [16, 2048, 128256, 131072], [32, 8, 8192], "meta-llama/Llama-3.2-1B", { tied: true }),
  row("qwen2", "qwen2.5-7b", [28, 3584, 152064, 32768], [28, 4, 18944], "Qwen/Qwen2.5-7B-Instruct"),
  row("qwen2", "qwen2.5-0.5b", [24, 896, 151936, 32768], [14, 2, 4864], "Qwen/Qwen2.5-0.5B", { tied: true }),
  row("qwen3", "qwen3-8b", [36, 4096, 151936, 40960], [32, 8, 12288], "Qwen/Qwen3-8B", { head: 128 }),
  row("bloom", "bloom-7b1", [30, 4096, 250880, 2048], [32, 32, 16384], "bigscience/bloom-7b1", { tied: true }),
  row(
    "deci",
    "deci-varied",
    [32, 8192, 128256, 131072],
    [
      repeated([64, 64, 64, 64, 0], 32),
      repeated([8, 4, 2, 1, 0], 32),
      repeated([28672, 14336, 28672, 7168, 28672], 32),
    ],
    madeUp,
    { head: 128 },
  ),
  row("gemma2", "gemma-2-9b", [42, 3584, 256000, 8192], [16, 8, 14336], "google/gemma-2-9b-it", {
    head: 256,
    tied: true,
    keys: { "attention.sliding_window": 4096 },
  }),
  row("gpt-oss", "gpt-oss-20b", [24, 2880, 201088, 131072], [64, 8, 2880], "openai/gpt-oss-20b", {
    head: 64,
    experts: { count: 32, used: 4, width: 2880 },
    keys: { "attention.sliding_window": 128 },
  }),
  row("deepseek2", "deepseek-v2-lite", [27, 2048, 102400, 163840], [16, 1, 10944], "deepseek-ai/DeepSeek-V2-Lite", {
    experts: { count: 64, used: 6, width: 1408, shared: 2816, lead: 1 },
    latent: { rank: 512, rope: 64, plain: 128, value: 128 },
  }),
  row("deepseek2", "deepseek-v3", [61, 7168, 129280, 163840], [128, 1, 18432], "deepseek-ai/DeepSeek-V3", {
    experts: { count: 256, used: 8, width: 2048, shared: 2048, lead: 3 },
    latent: { rank: 512, rope: 64, plain: 128, value: 128, queryRank: 1536 },
  }),
  row("mamba", "mamba-2.8b", [64, 2560, 50280, 2048], [0, 0, 0], "state-spaces/mamba-2.8b-hf", {
    tied: true,
    scan: { kernel: 4, inner: 5120, state: 16, rank: 160, groups: 0 },
  }),
  row(
    "jamba",
    "jamba-mini",
    [32, 4096, 65536, 262144],
    [32, every(32, 8, 4, 8), 14336],
    "ai21labs/AI21-Jamba-1.5-Mini",
    {
      experts: { count: 16, used: 2, width: 14336, every: 2 },
      scan: { kernel: 4, inner: 8192, state: 16, rank: 256, groups: 0 },
    },
  ),
  row("falcon-h1", "falcon-h1-1.5b", [24, 2048, 65537, 131072], [8, 2, 4096], "tiiuae/Falcon-H1-1.5B-Instruct", {
    head: 128,
    scan: { kernel: 4, inner: 3072, state: 256, rank: 48, groups: 1 },
  }),
  row(
    "granitehybrid",
    "granite-4.0-h-tiny",
    [40, 1536, 100352, 131072],
    [12, at(40, [5, 15, 25, 35], 4), 512],
    "ibm-granite/granite-4.0-h-tiny",
    {
      tied: true,
      experts: { count: 64, used: 6, width: 512, shared: 1024 },
      scan: { kernel: 4, inner: 3072, state: 128, rank: 48, groups: 1 },
    },
  ),
  row(
    "lfm2",
    "lfm2-1.2b",
    [16, 2048, 65536, 128000],
    [32, at(16, [2, 5, 8, 10, 12, 14], 8), 8192],
    "LiquidAI/LFM2-1.2B",
    { tied: true, keys: { "shortconv.l_cache": 3 } },
  ),
  row(
    "qwen3next",
    "qwen3-next-80b-a3b",
    [48, 2048, 151936, 262144],
    [16, 2, 5120],
    "Qwen/Qwen3-Next-80B-A3B-Instruct",
    {
      head: 256,
      experts: { count: 512, used: 10, width: 512, shared: 512 },
      scan: { kernel: 4, inner: 4096, state: 128, rank: 32, groups: 16 },
      keys: { full_attention_interval: 4 },
    },
  ),
];

export const headerModel = (name: string): HeaderModel => {
  const found = headerModels.find((model) => model.name === name);
  if (found === undefined) throw new Error(`no model ${name}`);
  return found;
};

/** The metadata that llama.cpp asks for, without a tokenizer: it takes `no_vocab` where nothing is tokenized. */
export const entriesOf = (model: HeaderModel): readonly Entry[] => {
  const { architecture, experts, scan, latent } = model;
  const plain: Readonly<Record<string, number | readonly number[] | undefined>> = {
    context_length: model.context,
    embedding_length: model.width,
    block_count: model.layers,
    vocab_size: model.vocabulary,
    feed_forward_length: model.feedForward,
    "attention.head_count": model.heads,
    "attention.head_count_kv": model.keyHeads,
    ...(latent === undefined
      ? { "attention.key_length": model.head, "attention.value_length": model.head }
      : {
          "attention.key_length": latent.rank + latent.rope,
          "attention.value_length": latent.rank,
          "attention.key_length_mla": latent.plain + latent.rope,
          "attention.value_length_mla": latent.value,
          "attention.kv_lora_rank": latent.rank,
          "attention.q_lora_rank": latent.queryRank,
          "rope.dimension_count": latent.rope,
        }),
    "ssm.conv_kernel": scan?.kernel,
    "ssm.inner_size": scan?.inner,
    "ssm.state_size": scan?.state,
    "ssm.time_step_rank": scan?.rank,
    "ssm.group_count": scan?.groups,
    expert_count: experts?.count,
    expert_used_count: experts?.used,
    expert_feed_forward_length: experts?.every === undefined ? experts?.width : undefined,
    leading_dense_block_count: experts?.lead,
    expert_shared_count: latent === undefined ? undefined : (experts?.shared ?? 0) / (experts?.width ?? 1),
    expert_shared_feed_forward_length: latent === undefined ? experts?.shared : undefined,
    expert_gating_func: latent === undefined ? undefined : 1,
    ...model.keys,
  };
  return [
    { key: "general.architecture", text: architecture },
    { key: "general.name", text: model.name },
    { key: "general.file_type", u32: 1 },
    { key: "tokenizer.ggml.model", text: "no_vocab" },
    { key: `${architecture}.attention.layer_norm_rms_epsilon`, f32: 1e-5 },
    { key: `${architecture}.attention.layer_norm_epsilon`, f32: 1e-5 },
    ...Object.entries(plain).flatMap(([key, value]): readonly Entry[] => {
      if (value === undefined) return [];
      const name = `${architecture}.${key}`;
      return [typeof value === "number" ? { key: name, u32: value } : { key: name, ints: value }];
    }),
  ];
};
