/** What llama.cpp knows of an architecture beyond the keys of the header, as far as it decides memory. */
export interface Architecture {
  readonly name: string;
  readonly window?: WindowRule;
  readonly recurrent?: RecurrentRule;
  /** Reads `attention.*_length_mla`: with both keys the cache holds keys only. */
  readonly latent?: true;
  /** Layers that keep keys and values: the first so many, or all but the last `attention.shared_kv_layers`. */
  readonly ownCache?: number | "not-shared";
  /** `none`: it keeps nothing of the past. `unmodelled`: its cache has parts that are not counted here. */
  readonly cache?: "none" | "unmodelled";
  readonly noFlashAttention?: true;
  /** Scales its queries and not the scores: one more row of them. */
  readonly scaledQueries?: true;
  /** Was the formula compared with what llama.cpp allocates? Plain attention was, in several architectures. */
  readonly measured?: true;
  /** File of llama.cpp v0.5.0, below src/. */
  readonly source: string;
}

/** Which layers look back no further than `attention.sliding_window`. */
export interface WindowRule {
  /**
   * Of so many layers one is full, unless the header lists the layers or gives another period; `listed`: only a list in
   * the header tells; `attention`: all layers with attention.
   */
  readonly period: number | "listed" | "attention";
  /** The full layer is the first of its period and not the last. */
  readonly fullFirst?: true;
  /** Width where the header has none. */
  readonly fallback?: number;
  /** Width whatever the header says, unless that is 0. */
  readonly forced?: number;
  /** Without this number of layers there is no window. */
  readonly onlyWithLayers?: number;
}

/**
 * Which layers keep a recurrent state. `all`: and no cache. `no-kv-heads`: those without heads for keys. `no-kv-heads-no-ff`:
 * of these the ones without a feed-forward part as well; layers with one keep nothing. `interval`: all but each
 * `full_attention_interval`-th, unless `attention.recurrent_layers` lists them. `both`: each layer has both.
 */
export type RecurrentRule = "all" | "no-kv-heads" | "no-kv-heads-no-ff" | "interval" | "both";

type Rest = Omit<Architecture, "name" | "source">;

const row = (name: string, source: string, rest: Rest): Architecture => ({ name, source, ...rest });

const windowed = (name: string, source: string, window: WindowRule, rest: Rest = {}): Architecture =>
  row(name, source, { window, ...rest });

/** With a window, a state, or a cache of another kind. */
const special: readonly Architecture[] = [
  windowed("gemma2", "models/gemma2.cpp", { period: 2, fallback: 4096 }, { measured: true, scaledQueries: true }),
  windowed("gemma3", "models/gemma3.cpp", { period: 6 }, { measured: true, scaledQueries: true }),
  windowed("gemma3n", "models/gemma3n.cpp", { period: 5 }, { ownCache: 20 }),
  windowed("gemma4", "models/gemma4.cpp", { period: "listed" }, { ownCache: "not-shared" }),
  windowed("llama4", "models/llama4.cpp", { period: 4, fallback: 8192, forced: 8192 }),
  windowed("cohere2", "models/cohere2.cpp", { period: 4 }),
  windowed("cohere2moe", "models/cohere2moe.cpp", { period: 4, fullFirst: true }),
  windowed("olmo2", "models/olmo2.cpp", { period: 4 }),
  windowed("exaone4", "models/exaone4.cpp", { period: 4, fallback: 4096, onlyWithLayers: 64 }),
  windowed("exaone-moe", "models/exaone-moe.cpp", { period: 4, fallback: 128 }),
  windowed("afmoe", "models/afmoe.cpp", { period: 4 }),
  windowed("mellum", "models/mellum.cpp", { period: 4 }),
  windowed("muse-glimmer", "models/muse-glimmer.cpp", { period: 4 }),
  windowed("laguna", "models/laguna.cpp", { period: 4, fullFirst: true }),
  windowed("smallthinker", "models/smallthinker.cpp", { period: 4, fullFirst: true, forced: 4096 }),
  windowed("gpt-oss", "models/openai-moe.cpp", { period: 2 }, { measured: true }),
  windowed("plamo3", "models/plamo3.cpp", { period: 8 }),
  windowed("mimo2", "models/mimo2.cpp", { period: "listed" }),
  windowed("step35", "models/step35.cpp", { period: "listed" }),
  windowed("maple", "models/maple.cpp", { period: "listed" }),
  windowed("granite_swa", "models/granite-swa.cpp", { period: "listed" }),
  windowed("lfm2", "models/lfm2.cpp", { period: "attention" }, { recurrent: "no-kv-heads", measured: true }),
  row("lfm2moe", "models/lfm2moe.cpp", { recurrent: "no-kv-heads" }),
  row("mamba", "models/mamba.cpp", { recurrent: "all", measured: true }),
  row("mamba2", "models/mamba2.cpp", { recurrent: "all" }),
  row("rwkv6", "models/rwkv6.cpp", { recurrent: "all" }),
  row("rwkv6qwen2", "models/rwkv6qwen2.cpp", { recurrent: "all" }),
  row("rwkv7", "models/rwkv7.cpp", { recurrent: "all" }),
  row("arwkv7", "models/arwkv7.cpp", { recurrent: "all" }),
  row("jamba", "models/jamba.cpp", { recurrent: "no-kv-heads", measured: true }),
  row("granitehybrid", "models/granite-hybrid.cpp", { recurrent: "no-kv-heads", measured: true }),
  row("plamo2", "models/plamo2.cpp", { recurrent: "no-kv-heads" }),
  row("kimi-linear", "models/kimi-linear.cpp", { recurrent: "no-kv-heads", latent: true }),
  row("nemotron_h", "models/nemotron-h.cpp", { recurrent: "no-kv-heads-no-ff" }),
  row("nemotron_h_moe", "models/nemotron-h.cpp", { recurrent: "no-kv-heads-no-ff" }),
  row("qwen3next", "models/qwen3next.cpp", { recurrent: "interval", measured: true }),
  row("qwen35", "models/qwen35.cpp", { recurrent: "interval" }),
  row("qwen35moe", "models/qwen35moe.cpp", { recurrent: "interval" }),
  row("falcon-h1", "models/falcon-h1.cpp", { recurrent: "both", measured: true }),
  row("deepseek2", "models/deepseek2.cpp", { latent: true, measured: true }),
  row("mistral4", "models/models.h (as deepseek2)", { latent: true }),
  row("grok", "llama-context.cpp, llama_init_from_model", { noFlashAttention: true }),
];

/** `llama_model::create_memory` makes none. */
const without = [
  ["bert", "modern-bert", "nomic-bert", "nomic-bert-moe", "neo-bert", "jina-bert-v2", "jina-bert-v3", "eurobert"],
  ["gemma-embedding", "dream", "llada", "llada-moe", "rnd1", "wavtokenizer-dec"],
].flat();

/** Indexers, compressed caches, repeated layers, states of their own, encoders, drafting models. */
const unmodelled = [
  ["deepseek32", "deepseek4", "glm-dsa", "hy_v4", "minimax-m3", "dots3note", "dflash", "eagle3", "qwen4exp"],
  ["bailingmoe3", "kimi-k3", "minimax-01", "nanbeige", "hrm_text", "graniteswitch", "gemma4-assistant"],
  ["t5", "t5encoder", "qwen3tts", "pockettts", "spark2_5"],
].flat();

/** Keys and values of all tokens in each layer, whatever window the header may name. */
const plain = [
  ["llama", "deci", "falcon", "gpt2", "gptj", "gptneox", "mpt", "baichuan", "starcoder", "refact", "bloom", "stablelm"],
  ["qwen", "qwen2", "qwen2moe", "qwen2vl", "qwen3", "qwen3moe", "qwen3vl", "qwen3vlmoe", "phi2", "phi3", "phimoe"],
  ["plamo", "codeshell", "orion", "internlm2", "minicpm", "minicpm3", "gemma", "starcoder2", "xverse", "command-r"],
  ["dbrx", "olmo", "olmoe", "openelm", "arctic", "deepseek", "deepseek2-ocr", "chatglm", "glm4", "glm4moe", "bitnet"],
  ["jais", "jais2", "nemotron", "exaone", "granite", "granitemoe", "chameleon", "plm", "bailingmoe", "bailingmoe2"],
  ["dots1", "arcee", "ernie4_5", "ernie4_5-moe", "hunyuan-moe", "hunyuan-dense", "hunyuan_vl", "hy_v3", "smollm3"],
  ["seed_oss", "grovemoe", "apertus", "minimax-m2", "cogvlm", "pangu-embedded", "mistral3", "paddleocr"],
  ["llama-embed", "maincoder", "talkie"],
].flat();

const create = "llama-model.cpp, llama_model::create_memory";

/**
 * Name in `general.architecture` → what decides its cache. All of `LLM_ARCH_NAMES` in llama-arch.cpp but for `clip`, which
 * is no language model. A table ages: an architecture that is missing here counts as unknown, and is said to be.
 */
export const architectures: ReadonlyMap<string, Architecture> = new Map(
  [
    ...special,
    ...without.map((name) => row(name, create, { cache: "none" })),
    ...unmodelled.map((name) => row(name, create, { cache: "unmodelled" })),
    ...plain.map((name) => row(name, `${create}, default`, { measured: true })),
  ].map((each) => [each.name, each]),
);
