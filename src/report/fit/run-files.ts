import type { Answer } from "../../select/answer.ts";
import type { Fit } from "../../select/fit/fit.ts";
import { formatCount } from "../quantity.ts";
import { quote, shellWords } from "../shell.ts";
import { budgetWords } from "./words.ts";

/** A file of the results that makes the choice run. */
export interface RunFile {
  readonly file: "run-llama-server.sh" | "Modelfile";
  readonly text: string;
  readonly executable: boolean;
}

/** A script for llama-server and a Modelfile for Ollama; none where nothing fits. */
export const runFiles = ({ fit }: Answer): RunFile[] => {
  if (fit === undefined || fit.choice === null || fit.server === null) return [];
  return [
    { file: "run-llama-server.sh", text: serverScript(fit, fit.server), executable: true },
    { file: "Modelfile", text: modelfile(fit, fit.choice.file), executable: false },
  ];
};

const heading = (fit: Fit): string => {
  const context = formatCount(fit.choice?.loading.perSequence ?? 0);
  return `# ${fit.choice?.type ?? ""} with ${context} tokens of context. ${budgetWords(fit.card, fit.budget)}`;
};

/** It may be called from anywhere, and further arguments (`--port 8081`) go to the server. */
const serverScript = (fit: Fit, argv: readonly string[]): string =>
  [
    "#!/bin/sh",
    heading(fit),
    "set -eu",
    `cd -- "$(dirname -- "$0")"`,
    `exec "\${LLAMA_SERVER:-llama-server}" ${shellWords(argv)} "$@"`,
    "",
  ].join("\n");

/** Ollama takes the type of the cache, flash attention and the number of sequences from its server's environment. */
const modelfile = (fit: Fit, file: string): string => {
  const { wish, choice } = fit;
  const kv = choice?.loading.kv ?? "f16";
  const environment = [
    "OLLAMA_FLASH_ATTENTION=1",
    `OLLAMA_KV_CACHE_TYPE=${kv}`,
    `OLLAMA_NUM_PARALLEL=${wish.parallel}`,
  ];
  return [
    heading(fit),
    `# ollama create ${quote(file.replace(/\.gguf$/, ""))} -f Modelfile`,
    `# The server must run with ${environment.join(" ")}${ollamaTypes.has(kv) ? "" : `; it knows no cache in ${kv}`}`,
    `FROM ./${file}`,
    `PARAMETER num_ctx ${choice?.loading.perSequence ?? 0}`,
    `PARAMETER num_batch ${wish.microBatch}`,
    // More than any model has: all of them.
    "PARAMETER num_gpu 999",
    "",
  ].join("\n");
};

const ollamaTypes: ReadonlySet<string> = new Set(["f16", "q8_0", "q4_0"]);
