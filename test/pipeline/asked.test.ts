import { expect, test } from "vitest";
import { answersAlike, listen, type Asked } from "../../src/pipeline/asked.ts";
import { loadPipeline } from "../../src/pipeline/load.ts";
import { good, memoryReader, pipelineFile, world } from "./memory-reader.ts";

const files = { ...world, [pipelineFile]: good };

const asked = async (): Promise<readonly Asked[]> => {
  const heard = listen(memoryReader(files));
  expect((await loadPipeline(pipelineFile, heard.reader)).ok).toBe(true);
  return heard.asked;
};

test("loading asks for the file itself, and for everything that it names", async () => {
  const questions = (await asked()).map(({ question, about }) => `${question} ${JSON.stringify(about)}`);
  expect(questions[0]).toBe(`readText ["${pipelineFile}"]`);
  expect(questions).toContain('kind ["/home/ada/models/pocket-f16.gguf"]');
  expect(questions.some((each) => each.startsWith("glob "))).toBe(true);
  expect(questions.some((each) => each.startsWith("readText") && each.includes("prompts.yaml"))).toBe(true);
});

test("the same world answers alike, also after a way through JSON", async () => {
  const kept = JSON.parse(JSON.stringify(await asked())) as Asked[];
  expect(await answersAlike(memoryReader(files), kept)).toBe(true);
});

const without = (path: string): Record<string, string> =>
  Object.fromEntries(Object.entries(files).filter(([name]) => name !== path));

test.each([
  ["a line of the pipeline file", { ...files, [pipelineFile]: `${good}# more\n` }],
  ["no model", without("/home/ada/models/pocket-f16.gguf")],
  ["one file more below a glob", { ...files, "/home/ada/corpora/medical/notes/new.txt": "x" }],
  ["one file less below a glob", without("/home/ada/corpora/medical/notes/a.txt")],
  ["another prompt grammar", { ...files, "/home/ada/corpora/medical/prompts.yaml": "templates: []\n" }],
])("%s is another answer", async (_, changed) => {
  expect(await answersAlike(memoryReader(changed), await asked())).toBe(false);
});
