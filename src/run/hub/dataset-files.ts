import picomatch from "picomatch";
import { byCodeUnit } from "../../base/canonical.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { DatasetListing } from "./listing.ts";

type ListedFile = DatasetListing["files"][number];

/** What the card of a dataset says of a configuration: globs of the files of each split. */
export interface CardConfig {
  readonly name: string;
  readonly isDefault: boolean;
  /** A folder in which files are told apart by their names; null where globs are given. */
  readonly folder: string | null;
  readonly splits: readonly { readonly split: string; readonly paths: readonly string[] }[];
}

/** Why there are no files: a sentence without its full stop, what would be right, and which key is wrong. */
export interface NoFiles {
  readonly wrong: string;
  readonly help: string;
  readonly at: "dataset" | "config" | "split";
}

export interface Part {
  readonly config: string | null;
  readonly split: string;
}

const isText = /\.(?:parquet|(?:jsonl|ndjson)(?:\.(?:gz|zst))?)$/i;

/** Most names in a message. */
const mostNamed = 8;

/** The files of a configuration and a split: as the card says, else by the names of folders and files, as the Hub does. */
export const datasetFiles = (
  listed: readonly ListedFile[],
  configs: readonly CardConfig[],
  part: Part,
): Result<readonly ListedFile[], NoFiles> => {
  const files = listed.filter(({ path }) => isText.test(path)).sort((a, b) => byCodeUnit(a.path, b.path));
  if (files.length === 0)
    return err({
      wrong: "it holds no parquet files and no JSON Lines",
      help: "the Hub keeps most datasets in parquet too: add `@refs%2Fconvert%2Fparquet` to the name",
      at: "dataset",
    });
  return configs.length > 0 ? byCard(files, configs, part) : byNames(files, part);
};

const byCard = (files: readonly ListedFile[], configs: readonly CardConfig[], { config, split }: Part) => {
  const names = configs.map(({ name }) => name);
  const [only] = configs;
  const usual =
    configs.find(({ isDefault, name }) => isDefault || name === "default") ?? (configs.length === 1 ? only : undefined);
  const found = config === null ? usual : configs.find(({ name }) => name === config);
  if (found === undefined)
    return err(
      none(
        "config",
        config === null ? "it has several configurations" : `it has no configuration \`${config}\``,
        names,
      ),
    );
  const { folder } = found;
  if (folder !== null && found.splits.length === 0)
    return byNames(
      files.filter(({ path }) => path.startsWith(folder)),
      { config: null, split },
    );
  const globs = found.splits.filter((each) => each.split === split).flatMap(({ paths }) => paths);
  if (globs.length === 0)
    return err(
      none(
        "split",
        `it has no split \`${split}\``,
        found.splits.map((each) => each.split),
      ),
    );
  const wanted = picomatch(
    globs.map((glob) => glob.replace(/^\.?\/+/, "")),
    { dot: true },
  );
  const chosen = files.filter(({ path }) => wanted(path));
  if (chosen.length > 0) return ok(oneFormat(chosen));
  return err(none("split", `its split \`${split}\` has no parquet files and no JSON Lines`, []));
};

/** Names of splits that a file or a folder may have. */
const known = ["train", "validation", "valid", "val", "dev", "test", "eval"];

const byNames = (files: readonly ListedFile[], { config, split }: Part): Result<readonly ListedFile[], NoFiles> => {
  const inConfig = config === null ? files : files.filter(({ path }) => path.split("/").slice(0, -1).includes(config));
  if (config !== null && inConfig.length === 0)
    return err(none("config", `it has no configuration \`${config}\``, folders(files)));
  const named = inConfig.filter(({ path }) => names(path, split));
  const places = config === null ? [...new Set(named.map(({ path }) => placeOf(path, split)))] : [];
  if (places.length > 1) return err(none("config", "it has several configurations", places));
  if (named.length > 0) return ok(oneFormat(named));
  const others = known.filter((word) => inConfig.some(({ path }) => names(path, word)));
  // Where no file is named as a split, all are what one trains with.
  if (others.length === 0 && split === "train") return ok(oneFormat(inConfig));
  return err(none("split", `it has no split \`${split}\``, others));
};

/** The folder of a file without what names the split: that of its configuration. */
const placeOf = (path: string, split: string): string =>
  path
    .split("/")
    .slice(0, -1)
    .filter((folder) => !names(folder, split))
    .join("/");

/** The word stands by itself in the name of the file, or of a folder. */
const names = (path: string, word: string): boolean => path.split(/[/._-]/).includes(word);

const folders = (files: readonly ListedFile[]): string[] => [
  ...new Set(files.flatMap(({ path }) => path.split("/").slice(0, -1))),
];

/** The same rows in both would count twice. */
const oneFormat = (files: readonly ListedFile[]): readonly ListedFile[] => {
  const parquet = files.filter(({ path }) => /\.parquet$/i.test(path));
  if (parquet.length > 0) return parquet;
  const plain = new Set(files.map(({ path }) => path));
  return files.filter(({ path }) => !/\.(?:gz|zst)$/i.test(path) || !plain.has(path.replace(/\.[^.]*$/, "")));
};

const none = (at: NoFiles["at"], wrong: string, there: readonly string[]): NoFiles => {
  const shown = there.slice(0, mostNamed).join(", ");
  const more = there.length > mostNamed ? `, and ${there.length - mostNamed} more` : "";
  return { at, wrong, help: shown === "" ? "look at the files of the dataset" : `name one: ${shown}${more}` };
};

/** What a card says; it is written by people, so whatever is not as it should be is passed over. */
export const cardConfigs = (card: unknown): CardConfig[] =>
  items(member(card, "configs")).flatMap((config): CardConfig[] => {
    const name = member(config, "config_name");
    const files = member(config, "data_files");
    if (typeof name !== "string") return [];
    const splits = items(files).flatMap((each) => {
      if (typeof each === "string") return [{ split: "train", paths: [each] }];
      const [split, paths] = [member(each, "split"), items(member(each, "path"))];
      return typeof split === "string" ? [{ split, paths: paths.filter((path) => typeof path === "string") }] : [];
    });
    const within = member(config, "data_dir");
    const folder = typeof within === "string" ? `${within.replace(/^\.?\/+|\/+$/g, "")}/` : null;
    const isDefault = member(config, "default") === true;
    return splits.length === 0 && folder === null ? [] : [{ name, isDefault, folder, splits }];
  });

const member = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;

const items = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? (value as unknown[]) : value === undefined ? [] : [value];
