import { chmodSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { toolNames, type ToolName } from "../../src/base/tool.ts";
import type { Rig } from "./rig.ts";
import { realTools } from "./tools.ts";

/**
 * A toolchain in which one tool misbehaves. The script gets `$real`, the real tool; questions such as `--version` and
 * dry runs go to the real tool, so that the toolchain is accepted and sizes are known; `onQuestion` runs before they do.
 */
export const fakeTools = (rig: Rig, tool: ToolName, script: string, onQuestion = ":"): string => {
  const folder = rig.path(`tools-${tool}`);
  mkdirSync(folder, { recursive: true });
  for (const name of toolNames) {
    if (name !== tool) symlinkSync(join(realTools(), name), join(folder, name));
  }
  const real = join(realTools(), tool);
  const lines = [
    "#!/bin/bash",
    `real=${real}`,
    `case "$*" in "" | --version | --help | -h | *--usage* | *--dry-run*) ${onQuestion}; exec "$real" "$@" ;; esac`,
    script,
  ];
  chmodSync(rig.write(`tools-${tool}/${tool}`, `${lines.join("\n")}\n`), 0o755);
  return folder;
};
