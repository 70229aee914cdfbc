import type { Answer } from "../select/answer.ts";
import { fileName } from "./file-name.ts";
import { safe } from "./safe.ts";
import { quote } from "./shell.ts";

/** What comes before the commands: checks, environment, and the few functions that the commands use. */
export const prologue = (answer: Answer, model: string): string =>
  [header(answer), places(model), environment, functions, modelCheck(answer)].join("\n");

const header = (answer: Answer): string => `#!/bin/sh
# Rebuilds and measures again what \`pipeline run\` chose for ${safe(answer.pipeline)}.
#
# usage: sh reproduce.sh [MODEL.gguf]
#
# Works in ./work, which must not exist yet. The llama.cpp tools are taken from LLAMA_CPP_DIR or from PATH;
# THREADS sets their threads and changes no result.
# Recorded with llama.cpp ${safe(answer.llamaCpp.version)}
# on ${safe(numericOf(answer))}; another kind of device gives other digits.
set -eu

fail() {
  printf 'reproduce: %s\\n' "$1" >&2
  exit 1
}

`;

const places = (model: string): string => `here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
${defaultModel(model)}
model=\${1:-$default_model}
case $model in /*) ;; *) model=$PWD/$model ;; esac
[ -f "$model" ] || fail "no model at $model: give its path as the argument"

tools=\${LLAMA_CPP_DIR:-}
case $tools in '' | /*) ;; *) tools=$PWD/$tools ;; esac

threads=\${THREADS:-$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)}
case $threads in '' | *[!0-9]*) fail "THREADS is no number: $threads" ;; esac

work=$PWD/work
[ ! -e "$work" ] || fail "$work exists already: run in an empty directory"
mkdir -- "$work" "$work/.config"
`;

const environment = `# What could change a number or a flag without a trace in the commands below. GGML_VK_VISIBLE_DEVICES only selects.
for name in $(env | sed -n 's/^\\(LLAMA_[A-Za-z0-9_]*\\)=.*/\\1/p; s/^\\(GGML_[A-Za-z0-9_]*\\)=.*/\\1/p'); do
  [ "$name" = GGML_VK_VISIBLE_DEVICES ] || unset "$name"
done
XDG_CONFIG_HOME=$work/.config OMP_WAIT_POLICY=passive LC_ALL=C GGML_NO_BACKTRACE=1
export XDG_CONFIG_HOME OMP_WAIT_POLICY LC_ALL GGML_NO_BACKTRACE
`;

const functions = `sha256_of() {
  if command -v sha256sum >/dev/null 2>&1; then sha256sum <"$1"; else shasum -a 256 <"$1"; fi | cut -c 1-64
}

# begin POSITION STEP FOLDER: the commands of a step run in a folder of its own
begin() {
  step=$2
  position=$1
  mkdir -- "$work/$3"
  cd -- "$work/$3"
}

# run TOOL ARGUMENT...: keeps what the tool prints
run() {
  tool=$1
  shift
  if [ -n "$tools" ]; then program=$tools/$tool; else program=$(command -v "$tool") || fail "$tool is not on PATH: set LLAMA_CPP_DIR"; fi
  [ -x "$program" ] || fail "$program cannot be run"
  printf '[%s] %s: %s' "$position" "$step" "$tool"
  printf ' %s' "$@"
  printf '\\n'
  "$program" "$@" >output.txt 2>&1 </dev/null || fail "$tool failed in $step with exit code $?: see $PWD/output.txt"
}

exists() {
  [ -f "$1" ] || fail "$step did not write $1: see $PWD/output.txt"
}

# check FILE SHA256
check() {
  exists "$1"
  got=$(sha256_of "$1")
  [ "$got" = "$2" ] || fail "$1 of $step differs
  expected $2
  got      $got"
  printf '    %s has the recorded SHA-256\\n' "$1"
}
`;

const modelCheck = (answer: Answer): string => {
  const { parts, sha256 } = answer.model;
  if (parts === undefined) return fileCheck('"$model"', "$model", sha256);
  return parts.map((part, index) => fileCheck(modelPart(answer, index + 1), safe(part.file), part.sha256)).join("");
};

const fileCheck = (path: string, name: string, digest: string): string => `got=$(sha256_of ${path})
[ "$got" = ${quote(digest)} ] || fail ${name === "$model" ? '"$model' : `${quote(name)}"`} is not the recorded model
  expected "${quote(digest)}"
  got      $got"
`;

/** A file of a model in several lies beside the first, under its own name. @param number from 1 */
export const modelPart = ({ model }: Answer, number: number): string => {
  const part = model.parts?.[number - 1];
  if (part === undefined) throw new Error(`Internal error: the model has no part ${number}`);
  return `"\${model%/*}"/${quote(fileName(part.file))}`;
};

const numericOf = ({ llamaCpp: { numeric } }: Answer): string =>
  `${numeric.backend}, ${numeric.device}, ${numeric.isa}`;

const defaultModel = (model: string): string =>
  model.startsWith("/") ? `default_model=${quote(model)}` : `default_model=$here/${quote(model)}`;

/** What comes after them: the chosen file against its digest, and where the printed numbers are. */
export const epilogue = (answer: Answer, folderOf: (step: string) => string): string => {
  const { choice, reproduce } = answer;
  const measurements = reproduce.filter(({ tool }) => tool === "llama-perplexity");
  const lines = [
    "printf '\\nPerplexity and KL divergence, as printed, are in:\\n'",
    ...measurements.map(({ step }) => `printf '  %s\\n' "$work"/${quote(`${folderOf(step)}/output.txt`)}`),
  ];
  return [
    ...(choice === null ? [] : chosenLines(answer, folderOf)),
    ...(measurements.length === 0 ? [] : lines),
    "",
  ].join("\n");
};

const chosenLines = ({ choice, reproduce }: Answer, folderOf: (step: string) => string): string[] => {
  if (choice === null) return [];
  const made = reproduce.flatMap(({ step, outputs }) =>
    Object.entries(outputs).flatMap(([file, digest]) => (digest === choice.sha256 ? [{ step, file }] : [])),
  )[0];
  if (made === undefined) return [];
  return [
    "# the choice",
    `cd -- "$work"/${quote(folderOf(made.step))}`,
    `step=${quote(safe(made.step))}`,
    `check ${quote(made.file)} ${quote(choice.sha256)}`,
    `printf '\\n%s is %s, byte for byte:\\n  %s\\n' "$PWD"/${quote(made.file)} ${quote(safe(choice.file))} ${quote(choice.sha256)}`,
  ];
};
