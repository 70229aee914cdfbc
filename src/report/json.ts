import type { Output } from "./output.ts";
import type { View } from "./view.ts";

/** NDJSON: every event as it is, one a line. */
export const makeJsonView = (output: Output): View => ({
  handle: (event) => output.write(`${JSON.stringify(event)}\n`),
  end: () => Promise.resolve(),
});
