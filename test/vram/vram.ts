/**
 * Reckons which rows of the popular table of memory and quants hold, and prints docs/vram.md with them. Sizes are dry runs of
 * llama-quantize over files that have a header and are otherwise holes. Usage:
 *   node test/vram/vram.ts [--write]
 * `--write`: into the file.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { document, renderDocument, withQuants } from "./render.ts";

const { values } = parseArgs({ options: { write: { type: "boolean", default: false } } });

const text = await withQuants(renderDocument);
if (values.write) writeFileSync(document, text);
else process.stdout.write(text);
