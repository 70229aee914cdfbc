import type { Architecture, WindowRule } from "./architectures.ts";
import type { HeaderKeys } from "./header-keys.ts";

/** Which layers look back no further than `tokens`; none where that is 0. */
export interface Windows {
  readonly tokens: number;
  readonly layers: readonly boolean[];
}

/** `load_swa_pattern` in llama-model.cpp and `set_swa_pattern` in llama-hparams.cpp. */
export const windowOf = (keys: HeaderKeys, known: Architecture | undefined, blocks: number): Windows => {
  const rule = known?.window;
  const none = { tokens: 0, layers: Array.from({ length: blocks }, () => false) };
  if (rule === undefined) return none;
  const tokens = widthOf(keys, rule, blocks);
  return tokens === 0 ? none : { tokens, layers: patternOf(keys, rule, blocks) };
};

const widthOf = (keys: HeaderKeys, rule: WindowRule, blocks: number): number => {
  if (rule.onlyWithLayers !== undefined && trunk(keys, blocks) !== rule.onlyWithLayers) return 0;
  const given = keys.number("attention.sliding_window") ?? rule.fallback ?? 0;
  return given === 0 ? 0 : (rule.forced ?? given);
};

const patternOf = (keys: HeaderKeys, rule: WindowRule, blocks: number): readonly boolean[] => {
  const layers = Array.from({ length: blocks }, (_, index) => index);
  const listed = keys.numbers("attention.sliding_window_pattern");
  if (rule.period === "attention") {
    const heads = keys.perLayer("attention.head_count_kv", blocks, keys.perLayer("attention.head_count", blocks));
    return layers.map((index) => (heads[index] ?? 0) > 0);
  }
  if (listed !== undefined) return layers.map((index) => (listed[index] ?? 0) !== 0);
  if (rule.period === "listed") return layers.map(() => false);
  const period = keys.number("attention.sliding_window_pattern") ?? rule.period;
  const last = trunk(keys, blocks);
  return layers.map((index) => index < last && inWindow(index, period, rule.fullFirst === true));
};

const inWindow = (index: number, period: number, fullFirst: boolean): boolean => {
  if (period === 0) return true;
  return fullFirst ? index % period !== 0 : index % period < period - 1;
};

/** Layers without those for drafting. */
const trunk = (keys: HeaderKeys, blocks: number): number => blocks - (keys.number("nextn_predict_layers") ?? 0);
