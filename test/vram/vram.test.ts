import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { contextOn, weightsOn } from "./reckon.ts";
import { document, renderDocument, withQuants } from "./render.ts";

/**
 * Model, quant, GB of the card, GiB of weights, longest context in f16 and in q8_0, thousands of tokens and not capped by
 * the trained length: reckoned once before by another program from headers of its own. `none`: not looked at.
 */
const known: readonly (readonly [string, string, number, number, number, number | "none"])[] = [
  ["llama-3.1-8b", "Q4_K_M", 8, 4.3, 19.7, 35.8],
  ["llama-3.1-8b", "Q5_K_M", 8, 5.0, 14.1, 25.9],
  ["llama-3.1-8b", "Q6_K", 8, 5.73, 7.9, 15.1],
  ["llama-2-7b", "Q4_K_M", 8, 3.73, 6.1, 11.0],
  ["llama-2-13b", "Q4_K_M", 8, 7.24, 0, 0],
  ["llama-3.1-8b", "Q5_K_M", 16, 5.0, 77.8, 131.1],
  ["llama-3.1-8b", "Q6_K", 16, 5.73, 71.7, 127.7],
  ["llama-3.1-8b", "Q8_0", 16, 7.43, 57.9, "none"],
  ["qwen2.5-14b", "Q5_K_M", 16, 9.28, 28.7, "none"],
  ["qwen2.5-14b", "Q6_K", 16, 10.69, 21.0, 38.7],
  ["gemma-3-12b", "Q6_K", 16, 8.99, 82.2, 131.1],
  ["llama-2-13b", "Q5_K_M", 16, 8.49, 7.9, 14.3],
  ["llama-2-13b", "Q6_K", 16, 9.82, 6.1, 11.3],
  ["llama-2-13b", "Q6_K", 24, 9.82, 16.4, 29.7],
  ["gemma-3-27b", "Q6_K", 24, 20.64, 14.3, 30.5],
  ["qwen2.5-32b", "Q6_K", 24, 24.44, 0, 0],
  ["qwen2.5-32b", "Q5_K_M", 24, 21.16, 4.6, 9.0],
  ["qwen2.5-32b", "Q4_K_M", 24, 18.07, 17.2, 32.5],
  ["qwen3-30b-a3b", "Q6_K", 24, 23.13, 0, 0],
  ["qwen3-30b-a3b", "Q5_K_M", 24, 20.03, 25.9, 47.9],
  ["qwen2.5-14b", "Q8_0", 32, 13.85, 89.1, 131.1],
  // Told as 36.9, with 2.5 MiB more for the compute buffer than llama.cpp was seen to take since.
  ["gemma-3-27b", "Q8_0", 32, 26.73, 37.1, 66.0],
  ["qwen2.5-32b", "Q8_0", 32, 31.65, 0, "none"],
  ["qwen2.5-32b", "Q6_K", 32, 24.44, 23.3, 43.5],
  ["qwen2.5-32b", "Q5_K_M", 32, 21.16, 36.6, 67.8],
  ["qwen3-30b-a3b", "Q8_0", 32, 29.94, 3.6, 6.7],
  ["llama-3.1-70b", "Q4_K_M", 48, 39.04, 22.0, 41.5],
  ["llama-3.1-70b", "Q3_K_M", 48, 31.49, 46.8, "none"],
  ["llama-3.1-70b", "Q6_K", 80, 53.1, 78.6, "none"],
  ["llama-3.1-70b", "Q8_0", 80, 68.78, 27.4, "none"],
];

test("docs/vram.md is what is reckoned now, and that is what was reckoned before", async () => {
  await withQuants(async (find) => {
    expect(await renderDocument(find)).toBe(readFileSync(document, "utf8"));
    const wrong = known.filter(([model, type, vram, weights, half, eighth]) => {
      const { shape } = find(model, type);
      const thousands = (["f16", "q8_0"] as const).map((cache) => contextOn(shape, vram, cache, "memory") / 1000);
      const near = (found: number | undefined, told: number | "none"): boolean =>
        told === "none" || Math.abs((found ?? 0) - told) <= 0.051;
      return !(
        near(thousands[0], half) &&
        near(thousands[1], eighth) &&
        Math.abs(weightsOn(shape) - weights) <= 0.0051
      );
    });
    expect(wrong).toEqual([]);
  });
});
