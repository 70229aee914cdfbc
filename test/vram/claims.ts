/** A row of the table that goes round: with so much memory, these quants of models of this size, with this context. */
export interface Claim {
  /** GB */
  readonly vram: number;
  readonly quants: readonly string[];
  readonly size: string;
  /** Tokens from … to; nothing is said for the largest cards, so 4,096 are asked for. */
  readonly context: readonly [number, number];
  readonly models: readonly string[];
}

/** The row's text and the models of its size. */
export const claims: readonly Claim[] = [
  {
    vram: 8,
    quants: ["Q4_K_M"],
    size: "7B–8B",
    context: [4096, 8192],
    models: ["llama-2-7b", "llama-3.1-8b"],
  },
  {
    vram: 16,
    quants: ["Q5_K_M", "Q6_K"],
    size: "7B–13B",
    context: [8192, 16384],
    models: ["llama-2-7b", "llama-3.1-8b", "gemma-3-12b", "llama-2-13b", "qwen2.5-14b"],
  },
  {
    vram: 24,
    quants: ["Q6_K"],
    size: "13B–30B",
    context: [16384, 32768],
    models: ["llama-2-13b", "qwen2.5-14b", "gemma-3-27b", "qwen3-30b-a3b", "qwen2.5-32b"],
  },
  {
    vram: 32,
    quants: ["Q8_0"],
    size: "13B–30B",
    context: [4096, 4096],
    models: ["llama-2-13b", "qwen2.5-14b", "gemma-3-27b", "qwen3-30b-a3b", "qwen2.5-32b"],
  },
];

/** What is reckoned for every model of the document. */
export const matrix = {
  models: [
    "llama-2-7b",
    "llama-2-13b",
    "llama-3.1-8b",
    "llama-3.1-70b",
    "qwen2.5-14b",
    "qwen2.5-32b",
    "qwen3-30b-a3b",
    "gemma-3-12b",
    "gemma-3-27b",
  ],
  quants: ["Q3_K_M", "Q4_K_M", "Q5_K_M", "Q6_K", "Q8_0"],
  /** GB */
  vram: [8, 12, 16, 24, 32, 48, 80],
} as const;
