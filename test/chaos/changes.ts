import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Rig } from "../rig/rig.ts";

/** One thing that differs from the small pipeline, and the steps that must run because of it: these and no others. */
export interface Change {
  readonly what: string;
  readonly make: (rig: Rig, tools: string) => void;
  readonly runs: readonly string[];
}

const corpus = ["corpus"];
const collected = ["imatrix/notes/1", "imatrix/general/1"];
const matrices = [...collected, "imatrix", "ladder", "quantize/Q4_K_M"];
const measurements = ["baseline/1", "noise/1", "validate/Q8_0/1", "validate/Q4_K_M/1"];
const answer = ["select", "report"];
/** A new importance matrix, but the holdout is what it was. */
const newMatrix = [...matrices, "baseline/1", "validate/Q4_K_M/1", ...answer];
/** Of the validated domain's own texts. */
const withoutGeneral = newMatrix.filter((step) => step !== "imatrix/general/1");
/** Q8_0 ignores the importance matrix and the corpus. */
const newTexts = [...corpus, ...matrices, ...measurements, ...answer];

/** Replaces a text of the pipeline file; to add a key, it is put before one. */
const yaml =
  (from: string, to: string): Change["make"] =>
  (rig) =>
    rig.edit("small.yaml", from, to);

const hygiene = (setting: string): Change["make"] => yaml("  sources:", `  hygiene: { ${setting} }\n  sources:`);

const note = "corpora/medical/notes/admission-dka-teenager.txt";

/** By the keys of the pipeline file. */
const keys: readonly (readonly [string, Change["make"], readonly string[]])[] = [
  ["name", yaml("name: small", "name: other"), ["report"]],
  ["llama-cpp.version", yaml("corpus:", 'llama-cpp: { version: ">=0.4" }\ncorpus:'), []],
  ["llama-cpp.backend", yaml("corpus:", "llama-cpp: { backend: cpu }\ncorpus:"), []],
  ["timeouts.stall", yaml("20s", "30s"), []],
  ["card", yaml("timeouts:", "card: { quantized-by: someone, tags: [medical] }\ntimeouts:"), ["report"]],
  ["corpus.seed", yaml("seed: 3", "seed: 4"), newTexts],
  // One more unit of the domain's own texts.
  ["corpus.split", yaml("search: 2 units", "search: 3 units"), [...corpus, ...withoutGeneral]],
  ["corpus.short", yaml("  sources:", "  short: allow\n  sources:"), [...corpus]],
  ["corpus.overlap-limit", yaml("  sources:", "  overlap-limit: 20%\n  sources:"), [...corpus]],
  ["corpus.hygiene.nfc", hygiene("nfc: false"), [...corpus]],
  ["corpus.hygiene.control-characters", hygiene("control-characters: false"), [...corpus]],
  ["corpus.hygiene.boilerplate", hygiene("boilerplate: false"), [...corpus]],
  ["corpus.hygiene.min-length", hygiene("min-length: 65"), [...corpus]],
  ["corpus.hygiene.max-length", hygiene("max-length: 3M"), [...corpus]],
  ["corpus.hygiene.languages", hygiene("languages: [en]"), [...corpus]],
  ["corpus.hygiene.duplicates", hygiene("duplicates: false"), [...corpus]],
  ["corpus.hygiene.near-duplicates", hygiene("near-duplicates: false"), [...corpus]],
  ["corpus.hygiene.secrets", hygiene("secrets: false"), [...corpus]],
  ["corpus.hygiene.unreadable", hygiene("unreadable: skip"), [...corpus]],
  ["a source's license", yaml("share: 25%", "share: 25%, license: CC0-1.0"), [...corpus, "report"]],
  [
    "shares, which only weigh the matrices of the sources",
    (rig) => {
      rig.edit("small.yaml", "share: 75%", "share: 50%");
      rig.edit("small.yaml", "share: 25%", "share: 50%");
    },
    [...corpus, "imatrix", "ladder", "quantize/Q4_K_M", "baseline/1", "validate/Q4_K_M/1", ...answer],
  ],
  ["imatrix.chunks", yaml("chunks: 4, context: 128", "chunks: 5, context: 128"), [...corpus, ...newMatrix]],
  [
    "imatrix.per-source",
    yaml("chunks: 4, context: 128", "chunks: 4, per-source: 6, context: 128"),
    [...corpus, ...newMatrix],
  ],
  [
    "imatrix.coverage, of which the matrix has enough",
    yaml("chunks: 4, context: 128", "chunks: 4, context: 128, coverage: { min-tokens: 1 }"),
    ["imatrix", "report"],
  ],
  // The model must have been trained with the larger of the two contexts.
  ["imatrix.context", yaml("chunks: 4, context: 128", "chunks: 4, context: 256"), ["model", ...corpus, ...newMatrix]],
  [
    "quantize.types",
    yaml("[Q8_0, Q4_K_M]", "[Q8_0, Q6_K, Q4_K_M]"),
    ["ladder", "quantize/Q6_K", "baseline/1", "validate/Q6_K/1", ...answer],
  ],
  ["quantize.types, order", yaml("[Q8_0, Q4_K_M]", "[Q4_K_M, Q8_0]"), ["ladder", ...answer]],
  ["quantize.dominated", yaml("[Q8_0, Q4_K_M] }", "[Q8_0, Q4_K_M], dominated: keep }"), ["ladder"]],
  // The first shard stays as it is, and decides; what is behind it is no longer calibrated on.
  ["validate.units", yaml("units: 16", "units: 18"), [...corpus, ...withoutGeneral]],
  ["validate.kv", yaml("context: 128 }\nselect", "context: 128, kv: q8_0 }\nselect"), [...measurements, ...answer]],
  ["select.tolerance", yaml("tolerance: chat", "tolerance: { ppl: 4%, kld: 0.07 }"), answer],
  ["select.mode", yaml("tolerance: chat", "tolerance: chat, mode: full"), answer],
  ["select.planned-reruns", yaml("tolerance: chat", "tolerance: chat, planned-reruns: 1"), answer],
  [
    "select.warn.p99-kld",
    yaml("tolerance: chat", "tolerance: chat, warn: { p99-kld: 0.5 }"),
    [...measurements, ...answer],
  ],
  // Reckoned from the headers of what is there.
  ["fit", yaml("timeouts:", "fit: { vram: 8GiB }\ntimeouts:"), ["fit", "report"]],
  ["fit, verified", yaml("timeouts:", "fit: { gpu: l4, verify: true }\ntimeouts:"), ["fit", "report"]],
];

const move = (rig: Rig, from: string, to: string): void => {
  mkdirSync(join(rig.path(to), ".."), { recursive: true });
  renameSync(rig.path(from), rig.path(to));
};

/** Another letter in place, so that the length stays. */
const editInPlace = (path: string): void =>
  writeFileSync(path, readFileSync(path, "utf8").replace("a", "e"), { flag: "r+" });

const withTimes =
  (seconds: number): Change["make"] =>
  (rig) => {
    for (const file of [note, "models/pocket-f16.gguf"]) utimesSync(rig.path(file), seconds, seconds);
  };

/** By what happens to the files. */
const files: readonly (readonly [string, Change["make"], readonly string[]])[] = [
  [
    "the model under another name, of which the report speaks",
    (rig) => {
      move(rig, "models/pocket-f16.gguf", "models/renamed.gguf");
      rig.edit("small.yaml", "pocket-f16", "renamed");
    },
    ["report"],
  ],
  [
    "the model in another folder",
    (rig) => {
      move(rig, "models/pocket-f16.gguf", "elsewhere/pocket-f16.gguf");
      rig.edit("small.yaml", "models/", "elsewhere/");
    },
    [],
  ],
  [
    "all inputs as copies with the same bytes",
    (rig) => {
      for (const folder of ["models", "corpora"]) {
        move(rig, folder, `${folder}-old`);
        cpSync(rig.path(`${folder}-old`), rig.path(folder), { recursive: true });
      }
    },
    [],
  ],
  ["times of the inputs in 1980, as by a clock that was set back", withTimes(315_532_800), []],
  ["times of the inputs in 2100", withTimes(4_102_444_800), []],
  ["a file that no source names", (rig) => void rig.write("corpora/medical/notes/zz.txt", "Nothing to see here."), []],
  [
    "a document edited in place with its times restored",
    (rig) => {
      const { atime, mtime } = statSync(rig.path(note));
      editInPlace(rig.path(note));
      utimesSync(rig.path(note), atime, mtime);
    },
    [...corpus, ...measurements, ...answer],
  ],
];

const tool =
  (name: string): Change["make"] =>
  (_, folder) =>
    appendFileSync(join(folder, name), "# another version\n");

/** By the tool: its outputs are the same, so what reads them is spared. */
const tools: readonly (readonly [string, Change["make"], readonly string[]])[] = [
  ["llama-tokenize", tool("llama-tokenize"), [...corpus, "report"]],
  ["llama-imatrix", tool("llama-imatrix"), [...collected, "report"]],
  ["llama-quantize", tool("llama-quantize"), ["ladder", "quantize/Q8_0", "quantize/Q4_K_M", "report"]],
  ["llama-perplexity", tool("llama-perplexity"), [...measurements, "report"]],
];

/** The class of numbers: another device, as the tools tell it, with the same bytes of the tools. */
const devices: readonly (readonly [string, Change["make"], readonly string[]])[] = [
  [
    "a device",
    (_, folder) =>
      writeFileSync(join(folder, "devices"), "Available devices:\n  CUDA0: NVIDIA L4 (23034 MiB, 22560 MiB free)\n"),
    [...collected, ...measurements, "report"],
  ],
];

export const changes: readonly Change[] = [...keys, ...files, ...tools, ...devices].map(([what, make, runs]) => ({
  what,
  make,
  runs,
}));
