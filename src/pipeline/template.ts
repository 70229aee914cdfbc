import { stringify } from "yaml";

/** What `pipeline init` knows when it writes a file; paths are relative to that file. */
export interface StartingPoint {
  readonly name: string;
  /** Path of the full-precision GGUF. */
  readonly model: string;
  /** Glob of the texts. */
  readonly files: string;
  /** What the texts are about. */
  readonly domain: string;
}

/** Used where `pipeline init` is told nothing. */
export const usualStart: StartingPoint = {
  name: "my-model",
  model: "model-f16.gguf",
  files: "texts/**/*.txt",
  domain: "general",
};

const usualTreatment = `  # A source that cannot fill its share ends the run (refuse), or gives what it has (allow).
  short: refuse
  # Part of the held-out documents that may be dropped because they share 13 words with calibration text.
  overlap-limit: 10%
  # What is done to every text, and what is dropped.
  hygiene:
    nfc: true
    control-characters: true
    boilerplate: true
    min-length: 64
    max-length: 4M
    languages: any
    duplicates: true
    near-duplicates: true
    secrets: true
    unreadable: refuse`;

const usualEnd = `# What the model card says besides what was measured; the base model and the licence else come from the model's header:
# card: { base-model: owner/model, quantized-by: owner, license: apache-2.0, tags: [medical] }

# A tool that neither prints nor computes for this long is ended.
timeouts: { stall: 10m }`;

const otherSources = (
  domain: string,
): string => `    # Texts can also be generated from a prompt grammar, or come as records, conversations, a git repository, or what a
    # command or a pipe gives; a source may be kept for validation alone:
    # - { id: prompts, prompts: prompts.yaml, domain: chat, share: 20% }
    # - { id: tickets, files: tickets/*.jsonl.gz, format: jsonl, field: body.text, group: customer.id, domain: mail,
    #     share: 10%, license: CC-BY-4.0, max-tokens: 200k }
    # - { id: chats, chats: logs/*.jsonl, template: chatml.jinja, domain: chat, share: 10% }
    # - { id: code, git: ../repo, revision: v2.0, include: ["src/**"], exclude: ["**/*.min.js"], domain: code, share: 10% }
    # - { id: db, command: [./export.sh, --all], inputs: export.sh, format: lines, domain: mail, share: 10% }
    # - { id: piped, stdin: lines, domain: mail, share: 10% }
    # - { id: wiki, dataset: "hf:datasets/owner/name@v1.0", config: en, split: train, take: 64MiB, domain: mail, share: 10% }
    # - { id: web, url: "https://example.org/a.jsonl", sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef, field: body, domain: mail, share: 10% }
    # - { id: recent, files: recent/*.txt, domain: ${domain}, share: 100%, holdout-only: true }`;

const modelKeys = (model: string): string =>
  `# The full-precision model (F16, BF16 or F32): a path relative to this file, hf:owner/name:F16, or { url: …, sha256: … }.
model: ${scalar(model)}
baseline: model # or bf16, f16, q8_0: what the candidates are held against where the model does not fit the machine`;

const imatrixPart = `# The importance matrix: how many windows, and how many tokens are in one.
imatrix:
  chunks: 128
  context: 512
  # The most windows that are collected of one source, however little it counts for; without this line, as many as chunks.
  per-source: 128
  # Tokens that must reach each weight and expert, and the part of the experts that may get fewer; sources that give more
  # text where that is not so, and a type for the weights that still lack it.
  # coverage: { min-tokens: 256, experts: 5%, top-up: true, pin: Q8_0 }
  # A matrix of this model from elsewhere, in the place of one of its own.
  # import: imatrix.gguf
# Whether text of the domain helps: quants of these types with other matrices, held against each other on the search split, of
# which 16 units are needed then.
# ablation: { matrices: [none, general, domain, mixed], types: [Q3_K_M] }`;

/** The commented file that `pipeline init` writes. It loads once the model and the texts exist. */
export const startingPipeline = (given: Partial<StartingPoint> = {}): string => {
  const start = { ...usualStart, ...given };
  return `# A pipeline: it makes the quants below, measures each against the full-precision model on held-out text, and
# chooses the smallest that is shown to be within the tolerance.
#
#   pipeline check FILE    finds every mistake in this file
#   pipeline plan FILE     shows what would run, and why
#   pipeline run FILE      runs it
#
# For completion in an editor: run "pipeline schema > pipeline.schema.json" and begin this file with
# "# yaml-language-server: $schema=pipeline.schema.json".

# Name of the folder of results.
name: ${scalar(start.name)}

${modelKeys(start.model)}

# Which llama.cpp may be used: a range of versions, and auto, cpu, cuda, metal or vulkan.
llama-cpp: { version: ">=0.5", backend: auto }

corpus:
  # Equal seeds give equal corpora.
  seed: 1
  # Text for tuning; it neither calibrates nor decides.
  split: { search: 8 units }
${usualTreatment}
  # Where text comes from. The shares of the calibration text add up to 100%.
  sources:
    - id: texts
      files: ${scalar(start.files)}
      domain: ${scalar(start.domain)}
      share: 100%
${otherSources(scalar(start.domain))}

${imatrixPart}

# The candidates. Types that another of them beats by rule are dropped, or tried all the same (keep).
quantize:
  types: [Q8_0, Q6_K, Q5_K_M, Q4_K_M, IQ4_XS, Q3_K_M, IQ3_XXS, IQ2_XS]
  dominated: drop

# The text that decides: units of tokens, held out from the sources of one domain, or of each in a list of them.
validate:
  domain: ${scalar(start.domain)}
  units: 128
  unit: 2k
  context: 512
  kv: f16
  # The most disk that base logits may take at once:
  # logits-disk: 20GiB

# A preset (drafting, chat, finetune-base, summarization, rag, code, json, math, eval-baseline), or own bounds such as
# { ppl: 3%, kld: 0.06, same-top: 95%, confidence: 95% } or { ppl-delta: 0.05 }, or one of these for each domain such as
# { medical: 2%, chat: { ppl: 4% }, code: code }.
select:
  tolerance: chat
  # How much is measured: ladder, decisive or full.
  mode: ladder
  # Decisions on the same holdout that are planned besides this one.
  planned-reruns: 0
  # What the report warns of, without a part in the decision:
  # warn: { p99-kld: 0.5 }
${fitHint}${usualEnd}
`;
};

/** A text as YAML, quoted where it must be. */
const scalar = (text: string): string => stringify(text, { lineWidth: 0, defaultStringType: "PLAIN" }).trimEnd();

/** What the choice is to run on. */
const fitHint = `
# The GPU that the choice is to run on: how long a context fits beside it.
# fit: { gpu: rtx-4090, vram: 24GiB, reserve: 1GiB, context: { min: 16k }, kv: [f16, q8_0], parallel: 1, verify: false }

`;
