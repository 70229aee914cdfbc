import type { How } from "./estimate.ts";

const gib = 1024 ** 3;

/** Memory that a model may use, and what is kept from it. */
export interface BudgetWish {
  /** Memory as it is sold, bytes (an 8 GB card has 8 GiB). */
  readonly vram: number;
  /** `own`: of a card. `shared`: of a machine whose processor and GPU share it, as Apple's. */
  readonly memory: "own" | "shared";
  /** Length of the projector's file for images or sound, bytes; 0 without one. */
  readonly projector: number;
  /**
   * What stays free beside the model: `usual` is 1 GiB as in llama.cpp's own fit (`--fit-target`), `tight` is what the driver's
   * context takes on a machine without a screen, a number is bytes.
   */
  readonly margin: "usual" | "tight" | number;
}

export interface BudgetPart {
  readonly name: "unusable" | "context" | "projector" | "margin";
  readonly bytes: number;
  readonly how: How;
}

/** What is left for weights, cache and compute buffers. */
export interface Budget {
  readonly bytes: number;
  /** What is not left; with `bytes` it adds up to the wish's `vram`, unless that was too little for it. */
  readonly parts: readonly BudgetPart[];
}

/**
 * Of 24,576 MiB of a card CUDA shows 24,077 (tools/fit-params/README.md of llama.cpp); Metal lets a process use about 70 % of
 * a machine's memory unless it is told otherwise.
 */
const usable = { own: 0.98, shared: 0.7 } as const;

/** The driver's context: 330 MiB where CUDA's was seen, and a little for what else is in use. */
const contextBytes = 0.4 * gib;

/** A projector of 884 MiB was seen to take 1158 MiB. */
const projectorFactor = 1.35;

/** What a model may take. A projector fits into the usual margin up to what the context leaves of it. */
export const budgetOf = ({ vram, memory, projector, margin }: BudgetWish): Budget => {
  const projected = Math.ceil(projectorFactor * projector);
  const needed = contextBytes + projected;
  const whole = typeof margin === "number" ? margin + projected : margin === "usual" ? Math.max(gib, needed) : needed;
  const context = Math.min(contextBytes, whole - projected);
  const parts: readonly BudgetPart[] = [
    { name: "unusable", bytes: Math.ceil((1 - usable[memory]) * vram), how: "assumed" },
    { name: "context", bytes: Math.ceil(context), how: "assumed" },
    { name: "projector", bytes: projected, how: "assumed" },
    { name: "margin", bytes: Math.ceil(whole - context - projected), how: "assumed" },
  ];
  const kept = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  return { bytes: Math.max(0, vram - kept), parts };
};
