import { describe, expect, test } from "vitest";
import { brief, problemsOf, withMistake } from "./memory-reader.ts";

/** What is said when one piece of a good pipeline is replaced. */
const said = async (from: string, to: string) => brief(await problemsOf(withMistake([from, to])));

describe("fit", () => {
  test.each([
    ["gpu: rtx-409", "«rtx-409» `rtx-409` is not a GPU (did you mean `rtx-4090`?)"],
    ["vram: 8", "«8» `vram` must be a size such as `20GiB` or `500MB`"],
    ["vram: 8GiB, context: 8k", "«8k» `context` must be `max`, or a mapping such as `{ min: 16k }`"],
    ["vram: 8GiB, kv: []", "«[]» `kv` is empty (name at least one type, such as `q8_0`)"],
    ["vram: 8GiB, parallel: 0", "«0» `parallel` must be at least `1`"],
    ["vram: 8GiB, parallel: 257", "«257» `parallel` must be at most `256`"],
  ])("%s", async (written, expected) => {
    const notes = await said("timeouts:", `fit: { ${written} }\ntimeouts:`);
    expect(notes.map((note) => note.slice(0, expected.length))).toEqual([expected]);
  });
});

describe("keys", () => {
  test.each([
    ["seed: 7", "sed: 7", "«sed» `sed` is not a key of `corpus` (did you mean `seed`?)"],
    [
      "timeouts: { stall: 10m }",
      "timeout: { stall: 10m }",
      "«timeout» `timeout` is not a key of a pipeline (did you mean `timeouts`?)",
    ],
    [
      "kv: f16",
      "type: f16",
      "«type» `type` is not a key of `validate` (the keys here are `domain`, `units`, `unit`, `context`, `kv` and `logits-disk`)",
    ],
    ["chunks: 32", "units: 32", "«units» `units` is not a key of `imatrix` (`units` is a key of `validate`)"],
    ["id: notes, files:", "id: notes, file:", "«file» `file` is not a key of a source (did you mean `files`?)"],
    ["name: medical\n", "nmae: medical\n", "«nmae» `nmae` is not a key of a pipeline (did you mean `name`?)"],
    ["chat }", "{ ppl: 3%, kdl: 0.1 } }", "«kdl» `kdl` is not a key of a tolerance (did you mean `kld`?)"],
    [
      "domain: general, ",
      "",
      "«id» source `general` lacks `domain` (it must be a name of `a-z`, `0-9` and `-` such as `medical`)",
    ],
    [
      "validate: { domain: medical, units",
      "validate: { units",
      "«validate» `validate` lacks `domain`, and the tolerance names no domain either (one of the two must: write `domain: medical`, or a tolerance by domain such as `{ medical: 3% }`)",
    ],
    [
      "model: ../models/pocket-f16.gguf\n",
      "",
      "«name» the pipeline lacks `model` (it must be the path of a GGUF file)",
    ],
    [
      "{ types: [Q8_0, q6_k] }",
      "",
      "«quantize» `quantize` has no value (it must be a mapping such as `{ types: [Q8_0, Q6_K, Q4_K_M] }`)",
    ],
    [
      "{ types: [Q8_0, q6_k] }",
      "{}",
      "«quantize» `quantize` lacks `types` (it must be a list such as `[Q8_0, Q6_K, Q4_K_M]`)",
    ],
  ])("%s → %s", async (from, to, expected) => {
    expect(await said(from, to)).toEqual([expected]);
  });

  test("a value with two faults is one problem", async () => {
    const lines = await said("name: medical", `name: ${"Ab".repeat(40)}`);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^«(Ab){40}» `name` must be a name of/);
  });

  test("a mapping that is something else is one problem", async () => {
    const text = "services:\n  web: { image: nginx }\nversion: 3\n";
    expect(brief(await problemsOf(text))).toEqual([
      "«services» the file must be a mapping that begins with `name:`, not a mapping with `services` and `version`",
    ]);
  });
});

describe("wrong types", () => {
  test.each([
    [
      "name: medical",
      "name: 12",
      '«12» `name` must be a name of `a-z`, `0-9`, `.`, `_` and `-` such as `medical`, not `12` (put it in quotes: `"12"`)',
    ],
    [
      "name: medical",
      "name: My Model",
      "«My Model» `name` must be a name of `a-z`, `0-9`, `.`, `_` and `-` such as `medical`, not `My Model`",
    ],
    [
      "name: medical",
      "name: ''",
      "«''» `name` must be a name of `a-z`, `0-9`, `.`, `_` and `-` such as `medical`, not `''`",
    ],
    [
      '">=0.5"',
      "0.5",
      '«0.5» `version` must be a version range such as `>=0.5`, not `0.5` (put it in quotes: `"0.5"`)',
    ],
    ['">=0.5"', "newest", "«newest» `version` must be a version range such as `>=0.5`, not `newest`"],
    [
      "{ search: 8 units }",
      "8 units",
      "«8 units» `split` must be a mapping such as `{ search: 8 units }`, not `8 units`",
    ],
    ["seed: 7", "seed: 1.5", "«1.5» `seed` must be a whole number from `0` to `4294967295`, not `1.5`"],
    ["seed: 7", "seed: -1", "«-1» `seed` must be at least `0`, not `-1`"],
    ["[Q8_0, q6_k]", "Q8_0", "«Q8_0» `types` must be a list such as `[Q8_0, Q6_K, Q4_K_M]`, not `Q8_0`"],
    ["[Q8_0, q6_k]", "[]", "«[]» `types` is empty (name at least one type, such as `Q4_K_M`)"],
    [
      "[Q8_0, q6_k]",
      "[Q8_0, 4]",
      '«4» an entry of `types` must be a quant type of llama-quantize such as `Q4_K_M`, not `4` (put it in quotes: `"4"`)',
    ],
    ["../corpora/general/*.txt", "{ a: 1 }", "«{ a: 1 }» `files` must be a glob or a list of globs, not a mapping"],
    ["../corpora/general/*.txt", "[]", "«[]» `files` is empty (give it at least one glob)"],
    ["tolerance: chat", "tolerance: 3%", "«3%» `3%` is not a tolerance (did you mean `{ ppl: 3% }`?)"],
    [
      "tolerance: chat",
      "tolerance: poetry",
      "«poetry» `poetry` is not a tolerance (known are drafting, chat, finetune-base, summarization, rag, code, json, math, eval-baseline)",
    ],
    ["tolerance: chat", "tolerance: caht", "«caht» `caht` is not a tolerance (did you mean `chat`?)"],
    [
      "tolerance: chat",
      "tolerance: 3",
      "«3» `tolerance` must be the name of a preset such as `chat`, or a mapping such as `{ ppl: 3% }` or `{ medical: 3% }`, not `3`",
    ],
    [
      "tolerance: chat",
      "tolerance: { kld: 0.1 }",
      "«tolerance» the tolerance lacks `ppl` or `ppl-delta` (perplexity may rise by a part, such as `ppl: 3%`, or by so much, such as `ppl-delta: 0.05`)",
    ],
    [
      "tolerance: chat",
      "tolerance: { ppl: 3 }",
      "«3» `ppl` must be a percentage such as `3%`, not `3` (the accepted unit is `%`: did you mean `3%`?)",
    ],
    ["backend: cpu", "backend: gpu", "«gpu» `gpu` is not a backend (known are auto, cpu, cuda, metal, vulkan)"],
    [
      "kv: f16",
      "kv: q9",
      "«q9» `q9` is not a type of the KV cache (known are f32, f16, bf16, q8_0, q5_1, q5_0, q4_1, q4_0, iq4_nl)",
    ],
    ["chat }", "chat, mode: decisve }", "«decisve» `decisve` is not a mode (did you mean `decisive`?)"],
    ["chat }", "chat, mode: quick }", "«quick» `quick` is not a mode (known are ladder, decisive, full)"],
    ["q6_k]", "q6_k], dominated: kep", "«kep» `kep` is not a way (did you mean `keep`?)"],
    ["chat }", "chat, warn: { p99-kdl: 1 } }", "«p99-kdl» `p99-kdl` is not a key of `warn` (did you mean `p99-kld`?)"],
    ["chat }", "chat, warn: 0.5 }", "«0.5» `warn` must be a mapping such as `{ p99-kld: 0.5 }`, not `0.5`"],
    ["q6_k", "COPY", "«COPY» `COPY` is not a quant type of llama-quantize (known are F32, F16,"],
  ])("%s → %s", async (from, to, expected) => {
    const lines = await said(from, to);
    expect(lines).toHaveLength(1);
    expect(lines[0]?.slice(0, expected.length)).toBe(expected);
  });
});

describe("quantities", () => {
  test.each([
    [
      "share: 30%",
      "share: 0.3",
      "«0.3» `share` must be a percentage such as `50%`, not `0.3` (the accepted unit is `%`: did you mean `30%`?)",
    ],
    [
      "share: 30%",
      "share: 30 percent",
      "«30 percent» `share` must be a percentage such as `50%`, not `30 percent` (the accepted unit is `%`)",
    ],
    ["share: 30%", "share: 130%", "«130%» `share` must be above `0%` and at most `100%`, not `130%`"],
    ["share: 30%", "share: 0%", "«0%» `share` must be above `0%` and at most `100%`, not `0%`"],
    [
      "10m",
      "10 minutes",
      "«10 minutes» `stall` must be a duration such as `90s`, `10m` or `1h`, not `10 minutes` (the accepted units are `s`, `m` and `h`)",
    ],
    [
      "10m",
      "600",
      "«600» `stall` must be a duration such as `90s`, `10m` or `1h`, not `600` (the accepted units are `s`, `m` and `h`)",
    ],
    ["10m", "0s", "«0s» `stall` must be at least `1s` and at most `168h`, not `0s`"],
    [
      "units: 32",
      "units: 8",
      "«8» `units` must be at least `16`, not `8` (with fewer units the measured bounds are too unsure to certify anything)",
    ],
    [
      "units: 32",
      "units: 3.5",
      "«3.5» `units` must be a whole number such as `128` or `128 units`, not `3.5` (the accepted unit is `units`, which may be left out)",
    ],
    [
      "search: 8 units",
      "search: 8 chunks",
      "«8 chunks» `search` must be a whole number such as `8` or `8 units`, not `8 chunks` (the accepted unit is `units`, which may be left out)",
    ],
    [
      "unit: 512",
      "unit: 2kB",
      "«2kB» `unit` must be a number of tokens such as `512` or `4k`, not `2kB` (the accepted units are `tokens` and `k` (1,024 tokens))",
    ],
    [
      "chat",
      "{ ppl: 0.05% }",
      "«0.05%» `ppl` must be at least `0.1%`, not `0.05%` (BF16 and F16 of one model differ by about as much, so less cannot be shown)",
    ],
    ["chat", "{ ppl: 300% }", "«300%» `ppl` must be at most `100%`, not `300%`"],
    ["chat", "{ ppl: 3%, kld: .nan }", "«.nan» `kld` must be a number of nats per token such as `0.06`, not `.nan`"],
    [
      "chat }",
      "chat, planned-reruns: 1.5 }",
      "«1.5» `planned-reruns` must be a whole number from `0` to `99`, not `1.5` (the error rate of each decision is divided by `planned-reruns` + 1)",
    ],
    [
      "chat }",
      "chat, planned-reruns: '3' }",
      "«'3'» `planned-reruns` must be a whole number from `0` to `99`, not `'3'` (the error rate of each decision is divided by `planned-reruns` + 1)",
    ],
    [
      "chat }",
      "chat, planned-reruns: .nan }",
      "«.nan» `planned-reruns` must be a whole number from `0` to `99`, not `.nan`",
    ],
    [
      "chat }",
      "chat, planned-reruns: many }",
      "«many» `planned-reruns` must be a whole number from `0` to `99`, not `many` (the error rate of each decision is divided by `planned-reruns` + 1)",
    ],
    [
      "chat }",
      "chat, planned-reruns: -1 }",
      "«-1» `planned-reruns` must be from `0` to `99`, not `-1` (the error rate of each decision is divided by `planned-reruns` + 1)",
    ],
    [
      "chat }",
      "chat, planned-reruns: 100 }",
      "«100» `planned-reruns` must be from `0` to `99`, not `100` (the error rate of each decision is divided by `planned-reruns` + 1)",
    ],
    [
      "kv: f16",
      "kv: f16, logits-disk: 20",
      "«20» `logits-disk` must be a size such as `20GiB` or `500MB`, not `20` (the accepted units are `MB`, `GB`, `TB` (powers of 1,000) and `MiB`, `GiB`, `TiB` (powers of 1,024))",
    ],
    [
      "kv: f16",
      "kv: f16, logits-disk: 20 Gi",
      "«20 Gi» `logits-disk` must be a size such as `20GiB` or `500MB`, not `20 Gi` (the accepted units are `MB`, `GB`, `TB` (powers of 1,000) and `MiB`, `GiB`, `TiB` (powers of 1,024))",
    ],
    [
      "kv: f16",
      "kv: f16, logits-disk: many",
      "«many» `logits-disk` must be a size such as `20GiB` or `500MB`, not `many` (the accepted units are `MB`, `GB`, `TB` (powers of 1,000) and `MiB`, `GiB`, `TiB` (powers of 1,024))",
    ],
    [
      "kv: f16",
      "kv: f16, logits-disk: 1023KiB",
      "«1023KiB» `logits-disk` must be at least `1MiB` and at most `1024TiB`, not `1023KiB`",
    ],
    [
      "kv: f16",
      "kv: f16, logits-disk: 1025TiB",
      "«1025TiB» `logits-disk` must be at least `1MiB` and at most `1024TiB`, not `1025TiB`",
    ],
    [
      "kv: f16",
      "kv: f16, logits-disk: 0B",
      "«0B» `logits-disk` must be at least `1MiB` and at most `1024TiB`, not `0B`",
    ],
    [
      "chat }",
      "chat, warn: { p99-kld: 0 } }",
      "«0» `p99-kld` must be above `0` and at most `10` nats per token, not `0`",
    ],
    ["chat", "{ ppl: 3%, kld: 0 }", "«0» `kld` must be above `0` and at most `10` nats per token, not `0`"],
    [
      "chat",
      "{ ppl: 3%, confidence: 100% }",
      "«100%» `confidence` must be at least `50%` and below `100%`, not `100%`",
    ],
  ])("%s → %s", async (from, to, expected) => {
    expect(await said(from, to)).toEqual([expected]);
  });

  test.each([
    ["share: 30%", "share: 30.0 %"],
    ["units: 32", "units: 32 units"],
    ["search: 8 units", "search: 1 unit"],
    ["chunks: 32", "chunks: 32 chunks"],
    ["unit: 512", "unit: 1k"],
    ["unit: 512", "unit: 1024 tokens"],
    ["10m", "1.5h"],
    ["chat", "{ ppl: 0.1%, kld: 0.01 nats, confidence: 99% }"],
    ['">=0.5"', '">=0.5 <2 || ^3.1.4"'],
    ["backend: cpu", "backend: CUDA"],
    ["kv: f16", "kv: f16, logits-disk: 500 MB"],
    ["kv: f16", "kv: f16, logits-disk: 1mib"],
    ["kv: f16", "kv: f16, logits-disk: 1024TiB"],
    ["chat }", "chat, planned-reruns: 99, mode: Full, warn: {} }"],
  ])("%s → %s is fine", async (from, to) => {
    expect(await said(from, to)).toEqual([]);
  });
});
