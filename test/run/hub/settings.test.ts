import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hubSettings, hubToken } from "../../../src/run/hub/settings.ts";
import { folder } from "../../store/folder.ts";

test("the cache is where the Hub's own tools have it", () => {
  const cache = (environment: Record<string, string>): string =>
    hubSettings({ HOME: "/home/ada", ...environment }).cache;
  expect(cache({})).toBe("/home/ada/.cache/huggingface/hub");
  expect(cache({ XDG_CACHE_HOME: "/var/cache" })).toBe("/var/cache/huggingface/hub");
  expect(cache({ XDG_CACHE_HOME: "/var/cache", HF_HOME: "/hf" })).toBe("/hf/hub");
  expect(cache({ HF_HOME: "/hf", HF_HUB_CACHE: "/shared" })).toBe("/shared");
});

test("a mirror and a switch", () => {
  expect(hubSettings({ HF_ENDPOINT: "https://mirror.example/" })).toMatchObject({
    endpoint: "https://mirror.example",
    offline: false,
  });
  for (const word of ["1", "true", "YES", "on"]) expect(hubSettings({ HF_HUB_OFFLINE: word }).offline).toBe(true);
  for (const word of ["", "0", "no"]) expect(hubSettings({ HF_HUB_OFFLINE: word }).offline).toBe(false);
});

test("a token is given, lies in a file, or is not sent", () => {
  const home = folder();
  mkdirSync(join(home, "hf"));
  writeFileSync(join(home, "hf", "token"), "hf_file\n");
  const stored = { HF_HOME: join(home, "hf") };
  expect(hubToken({})).toBeUndefined();
  expect(hubToken(stored)).toBe("hf_file");
  expect(hubToken({ ...stored, HF_TOKEN: " hf_given " })).toBe("hf_given");
  expect(hubToken({ ...stored, HF_TOKEN_PATH: join(home, "nothing") })).toBeUndefined();
  expect(hubToken({ ...stored, HF_HUB_DISABLE_IMPLICIT_TOKEN: "1" })).toBeUndefined();
  expect(hubToken({ HF_TOKEN: "hf_a\nX-Evil: 1" })).toBeUndefined();
});
