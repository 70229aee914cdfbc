import type { Failure } from "../base/failure.ts";
import { valueAt } from "./fault.ts";
import { noteValue, type Path } from "./locate.ts";
import { parseDataset } from "./dataset-reference.ts";
import type { HubDataset } from "./pipeline.ts";
import type { Search } from "./search.ts";
import { kindOf } from "./source-kind.ts";
import { sourceSchema } from "./source-schema.ts";

/** What a dataset turned out to be; a failure where it could not be looked up, through no mistake of the file. */
export type FoundDataset = { readonly dataset: HubDataset } | { readonly failure: Failure };

/** Looks for the dataset of a source; undefined where it has none, or none that is right, which is noted. */
export const findDataset = async (search: Search, path: Path): Promise<FoundDataset | undefined> => {
  if (kindOf(search.sheet, path) !== "dataset") return undefined;
  const { dataset, config, split } = sourceSchema.shape;
  const written = search.ask(dataset, [...path, "dataset"]);
  const reference = written === undefined ? undefined : parseDataset(written);
  const part = search.ask(split, [...path, "split"]);
  const named = valueAt(search.sheet.value, [...path, "config"]) !== undefined;
  const set = named ? search.ask(config, [...path, "config"]) : null;
  if (reference === undefined || part === undefined || set === undefined) return undefined;
  const answer = await search.reader.dataset({ ...reference, config: set, split: part });
  if (!("wrong" in answer)) return answer;
  const at = valueAt(search.sheet.value, [...path, answer.at]) === undefined ? "dataset" : answer.at;
  search.notes.push(noteValue(search.sheet, [...path, at], answer.wrong, { help: answer.help }));
  return undefined;
};
