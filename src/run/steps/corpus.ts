import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileFailure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { assemble, type Corpus, type CorpusRequest } from "../../corpus/assemble.ts";
import type { Tokens } from "../../corpus/measured.ts";
import type { RawSource } from "../../corpus/sources.ts";
import { readGguf } from "../../llama/gguf.ts";
import { tokenizeArgv, tokenizeOutcome, tokenizeParser } from "../../llama/tokenize.ts";
import { readVocab, tokenSpans, type Vocab } from "../../llama/vocab.ts";
import { parseGrammar } from "../../pipeline/grammar.ts";
import { apportion } from "../../plan/apportion.ts";
import { judge } from "./judge.ts";
import type { StepContext, StepImplementation } from "./step.ts";

type CorpusParams = Omit<CorpusRequest, "sources" | "apportion"> & {
  readonly sources: readonly { id: string; domain: string; share: number; kind: "files" | "prompts" }[];
};

/** Sources → calibration text by source, holdout shards, search text and the manifest of what lies where. */
export const corpus: StepImplementation = {
  run: async (context) => {
    const params = context.spec.params as unknown as CorpusParams;
    const sources = readSources(context, params);
    if (!sources.ok) return sources;
    const { path: file } = context.input("model.gguf");
    const gguf = readGguf(file);
    if (!gguf.ok) return err({ reason: "model-unusable", file, why: `it ${gguf.error.why}` });
    const vocab = readVocab(gguf.value);
    const request = { ...params, sources: sources.value, apportion };
    const assembled = await assemble(request, (text) => context.repeat(() => tokenize(context, vocab, text)));
    if (!assembled.ok) return assembled;
    writeTexts(context, assembled.value);
    return ok(null);
  },
};

const readSources = (context: StepContext, { sources }: CorpusParams): Result<RawSource[]> => {
  const raw: RawSource[] = [];
  for (const source of sources) {
    const read = source.kind === "files" ? readFiles(context, source) : readGrammar(context, source);
    if (!read.ok) return read;
    raw.push(read.value);
  }
  return ok(raw);
};

type SourceParams = CorpusParams["sources"][number];

const readFiles = (context: StepContext, { id, domain, share }: SourceParams): Result<RawSource> => {
  const prefix = `source/${id}/`;
  const files: { name: string; bytes: Buffer }[] = [];
  for (const [role, { path }] of context.inputs) {
    if (!role.startsWith(prefix)) continue;
    const bytes = readBytes(path);
    if (!bytes.ok) return bytes;
    files.push({ name: role.slice(prefix.length), bytes: bytes.value });
  }
  return ok({ id, domain, share, kind: "files", files });
};

const readGrammar = (context: StepContext, { id, domain, share }: SourceParams): Result<RawSource> => {
  const { path } = context.input(`source/${id}`);
  const bytes = readBytes(path);
  if (!bytes.ok) return bytes;
  const { grammar, notes } = parseGrammar(path, bytes.value.toString("utf8"));
  // It was checked with the pipeline, so this is a file that changed since.
  if (grammar === undefined) return err({ reason: "invalid-pipeline", diagnostics: notes });
  return ok({ id, domain, share, kind: "prompts", grammar });
};

const readBytes = (path: string): Result<Buffer> => {
  try {
    return ok(readFileSync(path));
  } catch (error) {
    return err(fileFailure(error, path, "read"));
  }
};

const argv = (): string[] => tokenizeArgv({ model: "model.gguf", text: "text.txt" });

const tokenize = async (context: StepContext, vocab: Vocab | undefined, text: string): Promise<Result<Tokens>> => {
  writeFileSync(join(context.scratch, "text.txt"), text);
  const parser = tokenizeParser();
  const run = await context.tool("llama-tokenize", argv, parser.push);
  if (!run.ok) return run;
  const said = parser.run();
  const judged = judge(context, "llama-tokenize", tokenizeOutcome(said), run.value);
  if (!judged.ok) return judged;
  const bytes = Buffer.from(text);
  const spans = vocab === undefined ? undefined : tokenSpans(said.ids, vocab, bytes);
  return ok({
    ids: said.ids,
    ends: spans?.ends ?? evenEnds(said.ids.length, bytes.length),
    exact: spans !== undefined,
  });
};

/** Where tokens end if all were of one length: for vocabularies whose pieces do not give back the text. */
const evenEnds = (tokens: number, bytes: number): Uint32Array =>
  Uint32Array.from({ length: tokens }, (_, index) => Math.round(((index + 1) * bytes) / tokens));

const writeTexts = (context: StepContext, { calibration, holdout, search, manifest }: Corpus): void => {
  for (const [source, { text }] of calibration) writeFileSync(context.path(`calibration-${source}`), text);
  for (const [index, { text }] of holdout.entries()) writeFileSync(context.path(`holdout-${index + 1}`), text);
  writeFileSync(context.path("search"), search.text);
  writeFileSync(context.path("manifest"), `${JSON.stringify(manifest, null, 1)}\n`);
};
