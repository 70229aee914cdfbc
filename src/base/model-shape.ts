/**
 * What of a model decides its memory and its speed, as plain numbers. `llama` makes it from a header (model-shape.ts
 * there), `select` computes with it; neither knows the other.
 */
export interface ModelShape {
  readonly architecture: string;
  /** Longest context that the model was trained for, tokens; 0 where the header does not say. */
  readonly trainedContext: number;
  /** Width of the residual stream, numbers. */
  readonly width: number;
  readonly vocabulary: number;
  /** The layers that predict the next token, in order; layers for drafting (MTP) are not loaded and are left out. */
  readonly layers: readonly LayerShape[];
  /** All layers of the file, with those for drafting; llama.cpp counts these when it places layers. */
  readonly blocks: number;
  /** How far back layers with a window look, tokens; 0 where no layer has one. */
  readonly window: number;
  /** Multi-head latent attention: the cache holds keys only, values are a view of them. */
  readonly latent: boolean;
  /** Numbers of a head of queries there before they are brought to the keys' width; 0 without latent attention. */
  readonly latentHead: number;
  /** Widest row of V in any layer. Without flash attention every layer's V is as wide. */
  readonly widestValues: number;
  readonly feedForward: FeedForwardShape;
  readonly tensors: readonly TensorShape[];
  /** What of this is not known but assumed; each makes a part of the estimate less than exact. */
  readonly assumptions: readonly ShapeAssumption[];
  /** Queries, keys and values are one product, of which parts are copied. */
  readonly fused: boolean;
  /** Queries are scaled before they meet the keys, into another row. */
  readonly scaledQueries: boolean;
  /** llama.cpp turns flash attention off for it, whatever is asked. */
  readonly noFlashAttention: boolean;
}

export interface LayerShape {
  readonly heads: number;
  /** Numbers of one head. */
  readonly keyHead: number;
  readonly valueHead: number;
  /** Numbers of a row of K and of V, one row a token: all heads. */
  readonly keys: number;
  readonly values: number;
  /** What the layer keeps of the past: all of it, a window, or nothing of its own. */
  readonly reach: "all" | "window" | "none";
  /** Recurrent state of one sequence, numbers of four bytes; 0 without one. */
  readonly state: number;
}

/** All widths are numbers a token. */
export interface FeedForwardShape {
  /** Of the widest dense layer; 0 where all layers have experts. */
  readonly dense: number;
  /** Experts, and how many of them one token uses; 0 without experts. */
  readonly experts: number;
  readonly used: number;
  /** Of one expert. */
  readonly expert: number;
  /** Inner width of state-space layers; 0 without them. */
  readonly inner: number;
  /** With a gate: two products of the feed-forward width live at once and are multiplied. */
  readonly gated: boolean;
}

export interface TensorShape {
  readonly name: string;
  /** As llama.cpp prints it, such as `q4_K`. */
  readonly type: string;
  /** Row length first. */
  readonly dims: readonly number[];
  readonly bytes: number;
}

export type ShapeAssumption =
  /** llama.cpp v0.5.0 does not know the architecture: full attention and a dense feed-forward part are assumed. */
  | "unknown-architecture"
  /** Its cache has parts that are not counted or was never compared with llama.cpp. */
  | "unmodelled-cache"
  /** The formula was read in llama.cpp's source and never compared with what it allocates. */
  | "unmeasured-cache"
  /** Layers for drafting are in the file; they are taken as not loaded. */
  | "draft-layers";
