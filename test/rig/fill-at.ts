// Loaded with `node --import`: takes all room but so many bytes on a file system when a step has got its scratch, as
// another program would that writes there at the same time. What is taken lies in `filler`.
import { subscribe } from "node:diagnostics_channel";
import { closeSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";

/** JSON: the step, where the file system is mounted, bytes that are left, and a file to be removed before, if any. */
const { step, mount, left, drop } = JSON.parse(process.env["PIPELINE_TEST_FILL_AT"] ?? "{}") as {
  readonly step: string;
  readonly mount: string;
  readonly left: number;
  readonly drop?: string;
};

const block = Buffer.alloc(2 ** 16, 1);

/** By single blocks at the end: what a file system says is free is not always to be had to the last byte. */
const fill = (): void => {
  if (drop !== undefined) rmSync(drop, { force: true });
  const { bavail, bsize } = statfsSync(mount);
  const file = openSync(join(mount, "filler"), "w");
  try {
    for (let rest = bavail * bsize - left; rest > 0; rest -= block.length)
      writeSync(file, block, 0, Math.min(rest, block.length));
    if (left === 0) for (;;) writeSync(file, block, 0, 512);
  } catch {
    // It is full.
  } finally {
    closeSync(file);
  }
};

subscribe("pipeline:store", (point) => {
  const { name, detail } = point as { readonly name: string; readonly detail: string };
  if (name === "scratch-made" && detail === step) fill();
});
