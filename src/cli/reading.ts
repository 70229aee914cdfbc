import { readingLine } from "../report/cache.ts";
import type { Output } from "../report/output.ts";

interface Reading {
  readonly onProgress: (done: number, total: number) => void;
  readonly end: () => void;
}

/** How far a long reading is: one line that is rewritten ten times a second on a terminal, one a minute elsewhere. */
export const showReading = (output: Output): Reading => {
  const began = performance.now();
  let shown = began;
  let drawn = false;
  const onProgress: Reading["onProgress"] = (done, total) => {
    const now = performance.now();
    if (now - shown < (output.isTTY ? 100 : 60_000)) return;
    shown = now;
    drawn = true;
    const line = readingLine(done, total, (now - began) / 1000);
    output.write(output.isTTY ? `\r\u001b[2K${line}` : `${line}\n`);
  };
  const end = (): void => {
    if (drawn && output.isTTY) output.write("\r\u001b[2K");
  };
  return { onProgress, end };
};
