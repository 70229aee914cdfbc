import { surelyAbsent } from "./ask.ts";
import { valueAt } from "./fault.ts";
import type { Path } from "./locate.ts";
import type { Format } from "./pipeline.ts";
import type { Subject } from "./rule.ts";
import { pipelineSchema } from "./schema.ts";
import { keyFits, kindKeys, sourceKinds, type KindKey, type SourceKind } from "./source-kinds.ts";
import { sourceSchema } from "./source-schema.ts";
import type { Sheet } from "./sheet.ts";

/** The kinds that a source names, in the order of its keys. */
export const namedKinds = (sheet: Sheet, path: Path): readonly SourceKind[] => {
  const source = valueAt(sheet.value, path);
  const keys = typeof source === "object" && source !== null ? Object.keys(source) : [];
  return keys.flatMap((key) => sourceKinds.filter((kind) => kind === key));
};

/** The kind of a source; undefined when it names none or several. */
export const kindOf = (sheet: Sheet, path: Path): SourceKind | undefined => {
  const [kind, ...others] = namedKinds(sheet, path);
  return others.length === 0 ? kind : undefined;
};

/** Keys of a source that belong to another kind than its own. */
export const strayKeys = (sheet: Sheet, path: Path): readonly KindKey[] => {
  const kind = kindOf(sheet, path);
  if (kind === undefined) return [];
  return kindKeys.filter((key) => !keyFits(key, kind) && valueAt(sheet.value, [...path, key]) !== undefined);
};

/** The format of a source and the key that names it; undefined when that is wrong, or for a kind without formats. */
export const formatOf = ({ sheet, ask }: Subject, path: Path): { format: Format; at: Path } | undefined => {
  const kind = kindOf(sheet, path);
  if (kind === "chats") return { format: "jsonl", at: [...path, "chats"] };
  if (kind !== "files" && kind !== "command" && kind !== "stdin" && kind !== "url") return undefined;
  const at = [...path, kind === "stdin" ? "stdin" : "format"];
  const left = kind !== "stdin" && surelyAbsent(sheet, pipelineSchema, at);
  const format = left ? usualFormat[kind] : ask(sourceSchema.shape[kind === "stdin" ? "stdin" : "format"], at);
  return format === undefined ? undefined : { format, at };
};

const usualFormat = { files: "auto", command: "text", url: "auto" } as const;
