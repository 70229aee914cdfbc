import { describe, expect, test } from "vitest";
import { chooseFiles, typeOf } from "../../../src/run/hub/choose-file.ts";

const listed = (...paths: string[]) => paths.map((path) => ({ path, size: 1, sha256: "0".repeat(64) }));
const chosen = (paths: string[], asked: { file?: string; type?: string } = {}): unknown => {
  const found = chooseFiles(listed(...paths), { file: asked.file ?? null, type: asked.type ?? null });
  return found.ok ? found.value.map(({ path }) => path) : `${found.error.wrong}: ${found.error.help}`;
};

describe("the file that is meant", () => {
  test("where nothing is said, is the best in full precision", () => {
    expect(chosen(["m-F32.gguf", "m-f16.gguf", "m-BF16.gguf", "m-Q8_0.gguf"])).toEqual(["m-BF16.gguf"]);
    expect(chosen(["m-F32.gguf", "m-f16.gguf", "m-Q8_0.gguf"])).toEqual(["m-f16.gguf"]);
    expect(chosen(["mmproj-model-f16.gguf", "m.imatrix.gguf", "only.gguf", "README.md"])).toEqual(["only.gguf"]);
  });

  test("is never a quant by itself, and never one of several", () => {
    expect(chosen(["m-Q8_0.gguf", "m-Q4_K_M.gguf"])).toBe(
      "none of its files is named as full precision: name one: m-Q4_K_M.gguf, m-Q8_0.gguf",
    );
    expect(chosen(["a-f16.gguf", "b-f16.gguf"])).toContain("several of its files may be meant");
    expect(chosen(["model.safetensors"])).toBe("it holds no GGUF file: name another repository");
  });

  test("has all its parts", () => {
    const parts = ["F16/m-00001-of-00002.gguf", "F16/m-00002-of-00002.gguf"];
    expect(chosen(["m-Q8_0.gguf", ...parts])).toEqual(parts);
    expect(chosen(parts, { file: parts[1] ?? "" })).toEqual(parts);
    expect(chosen(parts.slice(0, 1), { type: "f16" })).toContain("there is no file `F16/m-00002-of-00002.gguf` in it");
  });

  test("is of the type that is said", () => {
    expect(chosen(["m-Q8_0.gguf", "m-Q4_K_M.gguf"], { type: "q8_0" })).toEqual(["m-Q8_0.gguf"]);
    expect(chosen(["m-Q8_0.gguf"], { type: "F16" })).toContain("it holds no GGUF file of the type F16");
  });

  test.each([
    ["Llama-3.1-8B-Instruct.BF16.gguf", "BF16"],
    ["BF16/x-00001-of-00004.gguf", "BF16"],
    ["qwen2-fp16.gguf", "FP16"],
    ["x-IQ2_XXS.gguf", "IQ2_XXS"],
    ["x.gguf", undefined],
    ["Q-model.gguf", undefined],
  ])("%s is named as %s", (path, type) => {
    expect(typeOf(path)).toBe(type);
  });
});
