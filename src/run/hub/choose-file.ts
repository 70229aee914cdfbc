import { shardNames } from "../../base/shard-names.ts";
import { byCodeUnit } from "../../base/canonical.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { ListedFile } from "./listing.ts";

/** Why no file could be chosen: a sentence without its full stop, and what would be right. */
export interface NoChoice {
  readonly wrong: string;
  readonly help: string;
}

/**
 * Full precision, the best first. Most models were trained in BF16, and a BF16 file is then the model itself; F16 clips what is
 * too large or too small for it. F32 says no more than these, in twice the bytes.
 */
const fullPrecision = ["BF16", "F16", "FP16", "F32", "FP32"];

/** Most names in a message. */
const mostNamed = 6;

/** The files of the model that is meant, in the order of their numbers: those of one name, of a type, or the best there is. */
export const chooseFiles = (
  listed: readonly ListedFile[],
  { file, type }: { readonly file: string | null; readonly type: string | null },
): Result<readonly ListedFile[], NoChoice> => {
  if (file !== null) return wholeOf(listed, file);
  const models = listed.filter(({ path }) => isModel(path) && shardNames(path)[0] === path);
  if (models.length === 0) return err(none("it holds no GGUF file", []));
  const found = type === null ? best(models) : models.filter(({ path }) => typeOf(path) === type.toUpperCase());
  const [first, second] = found;
  if (first === undefined)
    return err(
      none(
        type === null ? "none of its files is named as full precision" : `it holds no GGUF file of the type ${type}`,
        models,
      ),
    );
  if (second !== undefined) return err(none("several of its files may be meant", found));
  return wholeOf(listed, first.path);
};

/** Beside models, repositories hold vision encoders, draft models and importance matrices. */
const isModel = (path: string): boolean => path.endsWith(".gguf") && !/(^|[/._-])(mmproj|imatrix)/i.test(path);

const best = (models: readonly ListedFile[]): readonly ListedFile[] => {
  if (models.length === 1) return models;
  const group = fullPrecision.find((type) => models.some(({ path }) => typeOf(path) === type));
  return models.filter(({ path }) => group !== undefined && typeOf(path) === group);
};

const typePattern = /(?:^|[/._-])((?:UD-)?(?:I?Q\d\w*|TQ\d_\d|MXFP4\w*|BF16|FP?16|FP?32))(?=[/.]|-\d{5}-of-|$)/gi;

/** The type by which a file, or its folder, is named; of several the last. */
export const typeOf = (path: string): string | undefined =>
  [...path.replace(/\.gguf$/, "").matchAll(typePattern)].at(-1)?.[1]?.toUpperCase();

const wholeOf = (listed: readonly ListedFile[], file: string): Result<readonly ListedFile[], NoChoice> => {
  const byPath = new Map(listed.map((each) => [each.path, each]));
  const names = shardNames(file);
  const files = names.flatMap((name) => byPath.get(name) ?? []);
  if (files.length === names.length) return ok(files);
  const missing = names.find((name) => !byPath.has(name)) ?? file;
  return err(
    none(
      `there is no file \`${missing}\` in it`,
      listed.filter(({ path }) => path.endsWith(".gguf")),
    ),
  );
};

const none = (wrong: string, there: readonly ListedFile[]): NoChoice => {
  const names = there.map(({ path }) => path).sort(byCodeUnit);
  const more = names.length > mostNamed ? `, and ${names.length - mostNamed} more` : "";
  const help =
    names.length === 0 ? "name another repository" : `name one: ${names.slice(0, mostNamed).join(", ")}${more}`;
  return { wrong, help };
};
