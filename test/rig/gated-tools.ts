import { chmodSync, rmSync } from "node:fs";
import { join } from "node:path";
import { toolNames } from "../../src/base/tool.ts";
import type { Rig } from "./rig.ts";

/** Tools of which those whose arguments hold certain words wait at a gate. */
export interface GatedTools {
  /** For `--llama-cpp`. */
  readonly folder: string;
  /** Appears when a tool has come to the gate. */
  readonly met: string;
  readonly open: () => void;
}

/** The tools in `from`, with a gate before those whose arguments hold `words`. */
export const gatedTools = (rig: Rig, from: string, words: string): GatedTools => {
  const [gate, met] = [rig.write("gate/closed", ""), rig.path("gate/met")];
  for (const tool of toolNames) {
    const lines = [
      "#!/bin/sh",
      `case "$*" in *"${words}"*) while [ -e ${gate} ]; do touch ${met}; sleep 0.05; done ;; esac`,
      `exec ${join(from, tool)} "$@"`,
    ];
    chmodSync(rig.write(`gate/tools/${tool}`, `${lines.join("\n")}\n`), 0o755);
  }
  return { folder: rig.path("gate/tools"), met, open: () => rmSync(gate) };
};
