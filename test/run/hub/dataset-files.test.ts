import { describe, expect, test } from "vitest";
import { cardConfigs, datasetFiles } from "../../../src/run/hub/dataset-files.ts";

const listed = (...paths: readonly string[]) =>
  paths.map((path) => ({ path, size: 1, sha256: null, oid: "0".repeat(40) }));

/** Paths, or what is wrong. */
const chosen = (paths: readonly string[], config: string | null, split: string, card?: unknown): string => {
  const found = datasetFiles(listed(...paths), cardConfigs(card), { config, split });
  return found.ok ? found.value.map(({ path }) => path).join() : `${found.error.at}: ${found.error.wrong}`;
};

describe("files of a dataset whose card says nothing", () => {
  const folders = ["en/train-00000.parquet", "en/test-00000.parquet", "de/train-00000.parquet", "README.md"];

  test.each([
    ["by folder and name", folders, "en", "train", "en/train-00000.parquet"],
    ["a configuration where there are several", folders, null, "train", "config: it has several configurations"],
    ["folders of the split's name are none", ["a/train/0.parquet"], null, "train", "a/train/0.parquet"],
    ["half of a split is one", ["a/partial-train/0.parquet"], null, "train", "a/partial-train/0.parquet"],
    ["lines, and the same once more compressed", ["train.jsonl", "train.jsonl.gz"], null, "train", "train.jsonl"],
    ["a configuration that is none", folders, "fr", "train", "config: it has no configuration `fr`"],
    ["a split that is none", folders, "en", "validation", "split: it has no split `validation`"],
    ["a word stands by itself", ["constrained.jsonl", "train.jsonl"], null, "train", "train.jsonl"],
    ["no file is named as a split", ["b.jsonl", "a.jsonl.gz"], null, "train", "a.jsonl.gz,b.jsonl"],
    ["and then there is nothing else", ["b.jsonl"], null, "test", "split: it has no split `test`"],
    ["parquet before lines of the same", ["train.jsonl", "train.parquet"], null, "train", "train.parquet"],
    ["nothing that can be read", ["train.csv"], null, "train", "dataset: it holds no parquet files and no JSON Lines"],
  ])("%s", (_, paths, config, split, files) => {
    expect(chosen(paths, config, split)).toBe(files);
  });
});

describe("a card", () => {
  const files = ["data/en.jsonl", "data/de.jsonl", "held/en.jsonl"];
  const card = {
    configs: [
      {
        config_name: "en",
        data_files: [
          { split: "train", path: "data/en*" },
          { split: "test", path: ["held/*"] },
        ],
      },
      { config_name: "de", default: true, data_files: "data/de.jsonl" },
      { config_name: "held", data_dir: "held" },
    ],
  };

  test.each([
    ["by globs", "en", "train", "data/en.jsonl"],
    ["by a list of them", "en", "test", "held/en.jsonl"],
    ["the default one, with files and no splits", null, "train", "data/de.jsonl"],
    ["by a folder", "held", "train", "held/en.jsonl"],
    ["a split that is none", "de", "test", "split: it has no split `test`"],
    ["a configuration that is none", "fr", "train", "config: it has no configuration `fr`"],
  ])("%s", (_, config, split, paths) => {
    expect(chosen(files, config, split, card)).toBe(paths);
  });

  test.each([[null], ["text"], [{ configs: "en" }], [{ configs: [{ config_name: 7, data_files: {} }] }]])(
    "that says nothing useful is passed over: %j",
    (nothing) => {
      expect(cardConfigs(nothing)).toEqual([]);
    },
  );
});
