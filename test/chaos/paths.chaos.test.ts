import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ReplayTools } from "../rig/replay-tools.ts";
import { Rig, stepsThat, sumsIn, type Ended } from "../rig/rig.ts";
import { smallPipeline } from "../rig/small.ts";

const rig = new Rig();
const tools = new ReplayTools();
let plain: ReadonlyMap<string, string>;

/** Everything that has a path lies in a folder of that name: pipeline file, model, inputs, store, results, the tools. */
const fill = (name: string): void => {
  const place = rig.path("places", name);
  mkdirSync(place, { recursive: true });
  for (const part of ["models", "corpora"]) cpSync(rig.path(part), join(place, part), { recursive: true });
  symlinkSync(tools.folder, join(place, "tools"));
  rig.write(`places/${name}/${name}.yaml`, smallPipeline);
};

const runIn = (name: string): Promise<Ended> => {
  const place = rig.path("places", name);
  const folders = ["--out", join(place, `${name} out`), "--cache", join(place, `${name} store`)];
  return rig.exec("run", join(place, `${name}.yaml`), "--json", ...folders, "--llama-cpp", join(place, "tools"));
};

const sumsOf = (name: string): ReadonlyMap<string, string> => sumsIn(rig.path("places", name, `${name} out`, "small"));

beforeAll(async () => {
  fill("plain");
  const ended = await runIn("plain");
  expect(ended.code, ended.stdout + ended.stderr).toBe(0);
  plain = sumsOf("plain");
});
afterAll(() => {
  rig[Symbol.dispose]();
  tools[Symbol.dispose]();
});

const names: readonly (readonly [string, string])[] = [
  ["spaces", " a  b "],
  ["quotes", `it's "so" \`here\``],
  ["a line break", "two\nlines"],
  ["a tab and a carriage return", "a\tb\rc"],
  ["a dash in front", "-rf"],
  ["two dashes in front", "--out=x"],
  ["a command substitution", "$(touch owned) ${HOME} %s"],
  ["shell signs", "a;b&c|d>e<f!*?#~"],
  ["glob signs", "[a-z]{b,c}(d)"],
  ["a backslash", "a\\b\\n"],
  ["unicode, composed", "ångström-é".normalize("NFC")],
  ["unicode, decomposed", "ångström-é".normalize("NFD")],
  ["other scripts", "модель 模型 🦙"],
  ["two hundred letters", "x".repeat(200)],
  ["colons and commas", "a:b,c=d"],
];

describe("the same results from a folder whose name has", () => {
  test.for(names)("%s", async ([, name]) => {
    fill(name);
    const ended = await runIn(name);
    expect(ended.code, ended.stdout + ended.stderr).toBe(0);
    expect(sumsOf(name)).toEqual(plain);
    const again = await runIn(name);
    expect(stepsThat(again, "done")).toEqual([]);
    expect(rig.survivors()).toEqual([]);
  });
});

test("documents with all these names are read, and are known again", async () => {
  for (const [, name] of names)
    cpSync(rig.path("corpora/medical/notes/soap-asthma-step-up.txt"), rig.path("named", `${name}.txt`));
  const yaml = smallPipeline
    .replace("corpora/general/everyday/[a-d]*.txt", "named/*.txt")
    .replace("  seed: 3", "  seed: 3\n  hygiene: { duplicates: false, near-duplicates: false }");
  rig.write("named.yaml", yaml);
  const ended = await rig.run("named.yaml", "--llama-cpp", tools.folder, "--only", "model", "--only", "corpus");
  expect(ended.code, ended.stdout + ended.stderr).toBe(0);
  expect(ended.steps.get("corpus"), ended.stdout).toBe("done");
  const again = await rig.run("named.yaml", "--llama-cpp", tools.folder, "--only", "model", "--only", "corpus");
  expect(again.steps.get("corpus")).toBe("cached");
});
