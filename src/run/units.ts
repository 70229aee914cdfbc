import { randomBytes } from "node:crypto";
import { closeSync, openSync, readFileSync, readSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Toolchain } from "../base/tool.ts";
import { formatOf } from "../corpus/reading.ts";
import { fewestTemplates } from "../corpus/prompts.ts";
import { toolEnvironment } from "../llama/env.ts";
import { tokenizeArgv, tokenizeOutcome, tokenizeParser } from "../llama/tokenize.ts";
import { parseGrammar } from "../pipeline/grammar.ts";
import type { Pipeline, Source, SourceFile } from "../pipeline/pipeline.ts";
import type { Layout } from "../store/layout.ts";
import { command } from "./toolchain/command.ts";

/** Units that the text of a validated domain could give if none of it calibrated, and those that are asked for. */
export interface UnitsEstimate {
  readonly domain: string;
  readonly asked: number;
  /** null when a source of the domain cannot be told before it is read */
  readonly available: number | null;
  readonly origin: "estimated";
}

/** Files that are looked into for the bytes of a token, and how many bytes of each. */
const sampled = { files: 16, bytes: 16_384 };

/** For each validated domain, from the sizes of its files and a sample of them: before anything is assembled. */
export const estimateUnits = async (
  pipeline: Pipeline,
  toolchain: Toolchain,
  layout: Layout,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<UnitsEstimate[]> => {
  const estimates: UnitsEstimate[] = [];
  for (const domain of pipeline.validate.domains)
    estimates.push(await estimateIn(domain, pipeline, toolchain, layout, environment));
  return estimates;
};

const estimateIn = async (
  domain: string,
  { model, corpus, validate }: Pipeline,
  toolchain: Toolchain,
  layout: Layout,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<UnitsEstimate> => {
  const sources = corpus.sources.filter((source) => source.domain === domain);
  const files = sources.flatMap((source) => ("files" in source ? source.files : []));
  const rate = await bytesPerToken(model, files, toolchain, layout, environment);
  const each = sources.map((source) => unitsIn(source, validate.unit, rate));
  const known = each.filter((units) => units !== undefined);
  return {
    domain,
    asked: validate.units + corpus.searchUnits,
    available: known.length === each.length ? Math.floor(known.reduce((sum, units) => sum + units, 0)) : null,
    origin: "estimated",
  };
};

/** Undefined where it takes reading the source to know. Of a document one unit at most is used, of a template two. */
const unitsIn = (source: Source, unit: number, rate: number | undefined): number | undefined => {
  if (source.kind === "prompts") return unitsOfPrompts(source.file);
  if (source.kind !== "files" || rate === undefined) return undefined;
  const units = source.files.map((file) => {
    if (/\.(gz|zst)$/i.test(file.name)) return undefined;
    const tokens = statSync(file.path).size / rate;
    const isText = source.format === "text" || (source.format === "auto" && formatOf(file.name) === "text");
    return isText ? Math.min(1, tokens / unit) : tokens / unit;
  });
  return units.reduce<number | undefined>(
    (sum, each) => (sum === undefined || each === undefined ? undefined : sum + each),
    0,
  );
};

const unitsOfPrompts = (file: string): number => {
  const templates = parseGrammar(file, readFileSync(file, "utf8")).grammar?.templates.length ?? 0;
  return templates < fewestTemplates ? 0 : 2 * templates;
};

const bytesPerToken = async (
  model: string,
  files: readonly SourceFile[],
  toolchain: Toolchain,
  layout: Layout,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<number | undefined> => {
  const every = Math.max(1, Math.floor(files.length / sampled.files));
  const text = files
    .filter((_, index) => index % every === 0)
    .slice(0, sampled.files)
    .map(({ path }) => beginning(path))
    .join("\n\n");
  if (text.trim() === "") return undefined;
  const folder = layout.readOnly ? tmpdir() : join(layout.root, "scratch");
  const file = join(folder, `pipeline-sample-${process.pid}-${randomBytes(4).toString("hex")}.txt`);
  writeFileSync(file, text);
  const parser = tokenizeParser();
  const ended = await command(join(toolchain.directory, "llama-tokenize"), tokenizeArgv({ model, text: file }), {
    env: toolEnvironment(environment, layout.emptyFolder),
    cwd: layout.emptyFolder,
    onText: (piece) => parser.push(piece, "stdout"),
  });
  rmSync(file, { force: true });
  const said = parser.run();
  if (ended.trouble !== undefined || tokenizeOutcome(said).status !== "complete" || said.ids.length === 0)
    return undefined;
  return Buffer.byteLength(text) / said.ids.length;
};

const beginning = (path: string): string => {
  const bytes = Buffer.alloc(sampled.bytes);
  const file = openSync(path, "r");
  try {
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0)).toString("utf8");
  } finally {
    closeSync(file);
  }
};
