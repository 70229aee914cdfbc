import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toolNames, type ToolName } from "../../src/base/tool.ts";
import { realTools } from "./tools.ts";

/**
 * A toolchain that is quick and honest: each tool runs once for the same arguments and the same bytes of all files that
 * they name; what it printed and wrote is kept, and given back from then on. So every output is a real one, and a whole
 * run takes as long as the orchestrator takes. (Programs that write made-up files were rejected: each would have to
 * pass the checks of its format, and would be a second implementation of llama.cpp that drifts.)
 *
 * What it keeps lies in a folder of its own and goes with it. Runs that were killed while they recorded leave nothing
 * that counts: a recording is renamed into place.
 */
export class ReplayTools {
  readonly #root = realpathSync(mkdtempSync(join(tmpdir(), "pipeline-replay-")));
  /** For `--llama-cpp` or LLAMA_CPP_DIR. */
  readonly folder = join(this.#root, "bin");

  constructor() {
    const [recordings, digests] = [join(this.#root, "recordings"), join(this.#root, "digests")];
    for (const folder of [this.folder, recordings, digests]) mkdirSync(folder);
    for (const tool of toolNames) {
      const path = join(this.folder, tool);
      writeFileSync(path, script(tool, join(realTools(), tool), recordings, digests));
      chmodSync(path, 0o755);
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/**
 * What a run writes is what lies in its directory afterwards and did not before. A run that fails is not kept, so that
 * it fails for its own reason each time; nor one of llama-perplexity that lost any of its last lines, so that a repeat
 * helps whatever a later run wants to know.
 * Digests of files over 1 MiB are remembered by their stat. Questions such as `--version` go to the real tool, but for the
 * devices, where a file `devices` beside it has other ones.
 */
const script = (tool: ToolName, real: string, recordings: string, digests: string): string => `#!/bin/sh
real='${real}'
if [ "$1" = --list-devices ] && [ -f "\${0%/*}/devices" ]; then exec cat "\${0%/*}/devices"; fi
case "$*" in "" | --version | --help | -h | --list-devices | *--usage*) exec "$real" "$@" ;; esac
digest() {
  large=$(find -L "$1" -size +2048 -printf '%D-%i-%s-%T@-%C@')
  if [ -z "$large" ]; then sha256sum < "$1"; return; fi
  known='${digests}'/"$large"
  if [ ! -f "$known" ]; then sha256sum < "$1" > "$known.$$"; mv "$known.$$" "$known"; fi
  read -r sum < "$known" && echo "$sum"
}
inputs() {
  printf '%s\\n' "${tool}" "$@"
  printf '%s\\n' "$@" | tr ',' '\\n' | while read -r word; do
    if [ -f "$word" ]; then digest "$word"; fi
  done
}
complete() {
  [ '${tool}' != llama-perplexity ] || grep -q 'Final estimate: PPL' "$1" ||
    { grep -Eq '(^|")99[.]0% *KLD' "$1" && grep -q 'Same top p' "$1"; }
}
key=$(inputs "$@" | sha256sum)
kept='${recordings}'/\${key%% *}
if [ ! -d "$kept" ]; then
  new=$(mktemp -d '${recordings}'/new.XXXXXX) || exit 99
  mkdir "$new/files"
  ls -A > "$new/before"
  "$real" "$@" > "$new/stdout" 2> "$new/stderr"
  code=$?
  if [ "$code" != 0 ] || ! complete "$new/stdout"; then
    cat "$new/stdout"
    cat "$new/stderr" >&2
    rm -rf "$new"
    exit "$code"
  fi
  ls -A | grep -vxF -f "$new/before" | while read -r file; do cp "$file" "$new/files/$file"; done
  mv -T "$new" "$kept" 2> /dev/null || rm -rf "$new"
fi
cp -R "$kept/files/." .
cat "$kept/stderr" >&2
exec cat "$kept/stdout"
`;
