import { readFileSync } from "node:fs";
import { fileFailure } from "../../base/failure.ts";
import { err, ok, unreachable, type Result } from "../../base/result.ts";
import { readTemplate, type ChatTemplate } from "../../corpus/chat.ts";
import { promptsSource } from "../../corpus/prompts.ts";
import { readChats } from "../../corpus/chat-records.ts";
import { formatOf as formatOfName, type RecordFormat } from "../../corpus/reading.ts";
import { readRecords } from "../../corpus/records.ts";
import type { CorpusRequest, CorpusSource } from "../../corpus/request.ts";
import { readTaken } from "../../corpus/taken-texts.ts";
import type { Gguf } from "../../llama/gguf.ts";
import { parseGrammar } from "../../pipeline/grammar.ts";
import type { Format, Source } from "../../pipeline/pipeline.ts";
import { readBlobs } from "./git-blobs.ts";
import type { InputFile, StepContext } from "./step.ts";
import { modelPath } from "./model-files.ts";
import { chatTokens } from "./chat-tokens.ts";

export type CorpusParams = Omit<CorpusRequest, "sources" | "shards" | "apportion"> & {
  readonly sources: readonly SourceParams[];
  readonly shards: readonly (readonly [domain: string, units: number])[];
};

type SourceParams = Pick<CorpusSource, "id" | "domain" | "share" | "license" | "holdoutOnly"> & {
  readonly kind: Source["kind"];
  readonly format?: Format;
  readonly field?: string | null;
  readonly group?: string | null;
};

/** The sources of a pipeline, ready to be read. */
export const openSources = (context: StepContext, params: CorpusParams, model: Gguf): Result<CorpusSource[]> => {
  const sources: CorpusSource[] = [];
  for (const source of params.sources) {
    const opened = open(context, params, source, model);
    if (!opened.ok) return opened;
    sources.push(opened.value);
  }
  return ok(sources);
};

const open = (context: StepContext, params: CorpusParams, source: SourceParams, model: Gguf): Result<CorpusSource> => {
  switch (source.kind) {
    case "prompts":
      return openPrompts(context, params, source);
    case "chats":
      return openChats(context, params, source, model);
    case "git":
      return ok(openGit(context, params, source));
    case "dataset":
      return ok(openDataset(context, params, source));
    case "files":
    case "command":
    case "stdin":
    case "url":
      return ok(openTexts(context, params, source));
    default:
      return unreachable(source.kind);
  }
};

const base = ({ id, domain, share, license, holdoutOnly }: SourceParams) => ({
  id,
  domain,
  share,
  license,
  holdoutOnly,
});

/** Files of a source under the names that documents get; what comes from a command or from stdin is named by the source. */
const filesOf = (context: StepContext, { id }: SourceParams): { readonly name: string; readonly file: InputFile }[] => {
  const [only, prefix] = [`source/${id}`, `source/${id}/`];
  return [...context.inputs].flatMap(([role, file]) => {
    if (role === only) return [{ name: id, file }];
    return role.startsWith(prefix) ? [{ name: role.slice(prefix.length), file }] : [];
  });
};

const sizeOf = (files: readonly { readonly file: InputFile }[]): number =>
  files.reduce((sum, { file: { size } }) => sum + size, 0);

const openTexts = (context: StepContext, { hygiene }: CorpusParams, source: SourceParams): CorpusSource => {
  const files = filesOf(context, source);
  return {
    ...base(source),
    kind: "texts",
    divisible: true,
    bytes: sizeOf(files),
    async *read() {
      for (const { name, file } of files)
        yield* readRecords({ name, path: file.path }, formatOf(source, name), hygiene.maxLength);
    },
  };
};

const formatOf = ({ format = "auto", field, group }: SourceParams, name: string): RecordFormat => ({
  format: format === "auto" ? formatOfName(name) : format,
  field: field ?? "text",
  group: group ?? undefined,
});

const openGit = (context: StepContext, { hygiene }: CorpusParams, source: SourceParams): CorpusSource => {
  const content = context.input(`source/${source.id}`);
  const names = context.input(`names/${source.id}`);
  return {
    ...base(source),
    kind: "texts",
    divisible: true,
    bytes: content.size,
    read: () => readBlobs(content.path, names.path, hygiene.maxLength),
  };
};

const openDataset = (context: StepContext, { hygiene }: CorpusParams, source: SourceParams): CorpusSource => {
  const { path, size } = context.input(`source/${source.id}`);
  return {
    ...base(source),
    kind: "texts",
    divisible: true,
    bytes: size,
    read: () => readTaken({ name: source.id, path }, hygiene.maxLength),
  };
};

const openPrompts = (context: StepContext, params: CorpusParams, source: SourceParams): Result<CorpusSource> => {
  const { path } = context.input(`source/${source.id}`);
  const text = readText(path);
  if (!text.ok) return text;
  const { grammar, notes } = parseGrammar(path, text.value);
  // It was checked with the pipeline, so this is a file that changed since.
  if (grammar === undefined) return err({ reason: "invalid-pipeline", diagnostics: notes });
  const chunks = params.calibration.find(({ id }) => id === source.id)?.chunks ?? 0;
  return ok(
    promptsSource({
      ...base(source),
      grammar,
      seed: params.seed,
      unit: params.domains.includes(source.domain) ? params.unit : 0,
      calibration: chunks * params.calibrationContext,
    }),
  );
};

const openChats = (
  context: StepContext,
  { hygiene }: CorpusParams,
  source: SourceParams,
  model: Gguf,
): Result<CorpusSource> => {
  const template = chatTemplate(context, source, model);
  if (!template.ok) return template;
  const files = filesOf(context, source);
  const record = { field: source.field ?? "messages", group: source.group ?? undefined };
  return ok({
    ...base(source),
    kind: "chats",
    divisible: true,
    bytes: sizeOf(files),
    async *read() {
      for (const { name, file } of files)
        yield* readChats({ name, path: file.path }, record, template.value, hygiene.maxLength);
    },
  });
};

/** The template that the source names, else the model's own. */
const chatTemplate = (context: StepContext, { id }: SourceParams, model: Gguf): Result<ChatTemplate> => {
  const own = context.inputs.get(`template/${id}`);
  const { template, ...tokens } = chatTokens(model);
  const text = own === undefined ? ok(template) : readText(own.path);
  if (!text.ok) return text;
  const file = own?.path ?? modelPath(context);
  if (text.value === undefined) {
    const why = `source ${id} holds chats, and the model has no chat template`;
    return err({ reason: "model-unusable", file, why, remedy: `Give the source a \`template\`, a Jinja file.` });
  }
  const parsed = readTemplate(text.value, tokens);
  if (parsed.ok) return parsed;
  const files = [{ source: id, file, why: `it ${parsed.error}` }];
  return err({ reason: "corpus-unreadable", count: 1, files });
};

const readText = (path: string): Result<string> => {
  try {
    return ok(readFileSync(path, "utf8"));
  } catch (error) {
    return err(fileFailure(error, path, "read"));
  }
};
