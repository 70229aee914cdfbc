import { resolve } from "node:path";
import type { Diagnostic, Location } from "../base/diagnostic.ts";
import { err, ok, type Result } from "../base/result.ts";
import { asker, itemPaths } from "./ask.ts";
import { check, withoutEchoes } from "./check.ts";
import { unitNotes } from "./domain-units.ts";
import { findFiles } from "./found.ts";
import { gatedDomains } from "./gated-domains.ts";
import { keySpot, valueSpot } from "./locate.ts";
import { inSourceOrder, overlap } from "./note.ts";
import { sourcesPath, type Subject } from "./rule.ts";
import { ruleNotes } from "./rules.ts";
import { pipelineSchema } from "./schema.ts";
import { settle } from "./settle.ts";
import { readSheet } from "./sheet.ts";
import { strayKeys } from "./source-kind.ts";
import { strayToleranceKeys } from "./tolerance-rules.ts";
import type { Grammar } from "./grammar.ts";
import type { Pipeline } from "./pipeline.ts";
import type { Reader } from "./reader.ts";

/** A pipeline that may be run. */
export interface LoadedPipeline {
  readonly pipeline: Pipeline;
  /** The prompt grammars of its sources, by absolute path. */
  readonly grammars: ReadonlyMap<string, Grammar>;
  /** What a person should look at although the pipeline can run. */
  readonly warnings: readonly Diagnostic[];
}

/**
 * Reads a pipeline file and looks at every file it names. All problems of all these files come at once: those of the
 * pipeline file first, each file in source order.
 */
export const loadPipeline = async (file: string, reader: Reader): Promise<Result<LoadedPipeline>> => {
  const text = await reader.readText(resolve(file));
  if (text.ok) return parsePipeline(file, text.value, reader);
  if (text.error.reason !== "file-trouble") return text;
  const why = { ENOENT: "there is no such file", EISDIR: "it is a directory" }[text.error.code] ?? text.error.code;
  return err({ reason: "unusable-argument", message: `${file} cannot be read: ${why}` });
};

/** The same for a text that is in hand; `file` names it and is where its paths count from. */
export const parsePipeline = async (file: string, text: string, reader: Reader): Promise<Result<LoadedPipeline>> => {
  const { sheet, notes: yaml } = readSheet(file, text);
  if (sheet === undefined) return invalid(yaml);
  const subject: Subject = { sheet, ask: asker(sheet, pipelineSchema) };
  const { value, notes } = check(sheet, pipelineSchema);
  const found = await findFiles(sheet, reader);
  const units = await unitNotes(sheet, found, reader);
  const strays = strayPlaces(subject);
  const fitting = notes.filter((note) => !strays.some((place) => overlap(place, note.location)));
  const later = withoutEchoes([...fitting, ...ruleNotes(sheet), ...found.notes, ...units], yaml);
  const all = [...inSourceOrder([...yaml, ...later]), ...found.grammarNotes];
  if (value === undefined || all.some((note) => note.severity === "error")) return invalid(all);
  const { model } = found;
  if (model === undefined) throw new Error("Internal error: a faultless file without a model");
  if ("failure" in model) return err(model.failure);
  for (const { failure } of found.sources.values()) if (failure !== undefined) return err(failure);
  const known = { model: model.source, sources: found.sources, domains: settledDomains(subject) };
  return ok({ pipeline: settle(resolve(file), value, known), grammars: found.grammars, warnings: all });
};

/** The places of what does not belong where it is: that is said, and nothing else of it matters. */
const strayPlaces = (subject: Subject): readonly Location[] => {
  const { sheet } = subject;
  const ofSources = itemPaths(sheet, sourcesPath).flatMap((path) =>
    strayKeys(sheet, path).map((key) => valueSpot(sheet, [...path, key])),
  );
  const ofTolerance = strayToleranceKeys(subject).flatMap((path) => [keySpot(sheet, path), valueSpot(sheet, path)]);
  return [...ofSources, ...ofTolerance].map(({ location }) => location);
};

const settledDomains = (subject: Subject): readonly string[] => {
  const domains = gatedDomains(subject)?.map(({ domain }) => domain);
  if (domains === undefined) throw new Error("Internal error: a faultless file without a domain");
  return domains;
};

const invalid = (diagnostics: readonly Diagnostic[]) => err({ reason: "invalid-pipeline", diagnostics } as const);
