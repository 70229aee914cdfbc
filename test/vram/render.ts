import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";
import { realTools } from "../rig/tools.ts";
import { documentOf } from "./document.ts";
import { quantOf } from "./quants.ts";
import type { Quant } from "./reckon.ts";

export type Find = (model: string, type: string) => Quant;

/** Gives `use` the models of the list in any quant, each by one dry run. */
export const withQuants = async <T>(use: (find: Find) => T | Promise<T>): Promise<T> => {
  const [tools, folder, known] = [realTools(), mkdtempSync(join(tmpdir(), "vram-")), new Map<string, Quant>()];
  try {
    return await use((model, type) => {
      const key = `${model} ${type}`;
      const quant = known.get(key) ?? { model, type, shape: quantOf(tools, folder, model, type) };
      known.set(key, quant);
      return quant;
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** The document, with a place for the tables. */
export const document = fileURLToPath(new URL("../../docs/vram.md", import.meta.url));
const [begin, end] = ["<!-- npm run vram -- --write: begin -->", "<!-- end -->"];

/** The whole document with its tables made anew. */
export const renderDocument = async (find: Find): Promise<string> => {
  const text = await format(documentOf(find), { ...(await resolveConfig(document)), parser: "markdown" });
  const [head, rest = ""] = readFileSync(document, "utf8").split(begin);
  const [, tail] = rest.split(end);
  if (head === undefined || tail === undefined) throw new Error(`${document} has no place for the tables`);
  return `${head}${begin}\n\n${text}\n${end}${tail}`;
};
