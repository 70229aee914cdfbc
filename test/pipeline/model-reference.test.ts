import { expect, test } from "vitest";
import { parseHubReference } from "../../src/pipeline/model-reference.ts";

test.each([
  ["hf:ada/pocket", "ada/pocket", "main", null, null],
  ["hf:ada/pocket@v1.0", "ada/pocket", "v1.0", null, null],
  ["hf:ada/pocket@refs%2Fpr%2F3/m.gguf", "ada/pocket", "refs/pr/3", "m.gguf", null],
  ["hf:ada/pocket/sub/m-f16.gguf", "ada/pocket", "main", "sub/m-f16.gguf", null],
  ["hf:ada/pocket.v2:Q8_0", "ada/pocket.v2", "main", null, "Q8_0"],
  ["hf:ada/pocket@abc:F16", "ada/pocket", "abc", null, "F16"],
])("%s", (written, repository, revision, file, type) => {
  expect(parseHubReference(written)).toEqual({ from: "hub", written, repository, revision, file, type });
});

test.each([
  "hf:",
  "hf:ada",
  "hf:ada/",
  "hf:/pocket",
  "hf:../pocket",
  "hf:ada/..",
  "hf:ada/a..b",
  "hf:ada/pocket/../../x.gguf",
  "hf:ada/pocket//x.gguf",
  "hf:ada/pocket/./x.gguf",
  "hf:ada/pocket/a\\b.gguf",
  "hf:ada/pocket/a\nb.gguf",
  "hf:ada/pocket@/x.gguf",
  "hf:ada/pocket@..",
  "hf:ada/pocket@%2e%2e%2fx",
  "hf:ada/pocket@%",
  "hf:ada/pocket:",
  "hf:ada/pocket:F16/x.gguf",
  "https://huggingface.co/ada/pocket",
])("%j is no name of a model", (written) => {
  expect(parseHubReference(written)).toBeUndefined();
});
