import { execFileSync } from "node:child_process";
import { closeSync, ftruncateSync, mkdirSync, openSync, symlinkSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Manifest } from "../../src/corpus/manifest.ts";
import type { Survey } from "../../src/corpus/survey.ts";
import { Rig, type Ended } from "../rig/rig.ts";

/** The shipped notes, and hostile text beside them. */
const pipelineWith = (source: string, more = ""): string => `name: tiny
model: models/pocket-f16.gguf
corpus:
  split: { search: 2 units }
${more}  sources:
    - { id: notes, files: corpora/medical/notes/*.txt, domain: medical, share: 60% }
    - { id: odd, ${source}, domain: general, share: 40% }
imatrix: { chunks: 5, context: 512 }
quantize: { types: [Q8_0] }
validate: { domain: medical, units: 16, unit: 512, context: 512 }
select: { tolerance: chat }
`;

interface Inspected {
  readonly manifest: Manifest;
  readonly survey: Survey;
}
const inspect = (rig: Rig): Promise<Ended> =>
  rig.exec("corpus", "inspect", "tiny.yaml", "--json", "--cache", rig.store);
const inspected = async (rig: Rig): Promise<Inspected> => {
  const ended = await inspect(rig);
  expect(ended.code, ended.stdout.slice(0, 2000) + ended.stderr).toBe(0);
  return JSON.parse(ended.stdout) as Inspected;
};
const general = "files: corpora/general/everyday/*.txt";
/** One message that a person can act on, and no stack trace. */
const expectOneMessage = ({ stdout, stderr }: Ended, ...words: readonly string[]): void => {
  for (const word of words) expect(stdout + stderr).toContain(word);
  expect(stderr).not.toMatch(/\n +at |Internal error/);
};

test("a line of a gigabyte is dropped and counted, and the lines around it are read", async () => {
  using rig = new Rig();
  const line = Buffer.from(
    `${JSON.stringify({ text: rig.read("corpora/general/everyday/mending-a-puncture.txt") })}\n`,
  );
  const file = openSync(rig.path("huge.jsonl"), "w");
  writeSync(file, line);
  const piece = Buffer.alloc(2 ** 24, "lorem ipsum ");
  for (let part = 0; part < 64; part += 1) writeSync(file, piece);
  writeSync(file, "\n");
  writeSync(file, line.toString().replaceAll("the", "a"));
  closeSync(file);
  rig.write("tiny.yaml", pipelineWith(`files: [huge.jsonl, corpora/general/everyday/*.txt]`));
  const { manifest } = await inspected(rig);
  expect(manifest.sources[1]).toMatchObject({ dropped: { "too-long": 1, unreadable: 0 } });
  expect(manifest.sources[1]?.read).toBe(23);
});

test("a text file of two gigabytes is dropped without being read", async () => {
  using rig = new Rig();
  const file = openSync(rig.path("sparse.txt"), "w");
  ftruncateSync(file, 2 * 2 ** 30);
  closeSync(file);
  rig.write("tiny.yaml", pipelineWith(`files: [sparse.txt, corpora/general/everyday/*.txt]`));
  const { manifest } = await inspected(rig);
  expect(manifest.sources[1]?.dropped).toMatchObject({ "too-long": 1 });
});

test("directories that link to themselves give each file once", async () => {
  using rig = new Rig();
  mkdirSync(rig.path("loop/deep"), { recursive: true });
  symlinkSync("..", rig.path("loop/deep/up"));
  symlinkSync(rig.path("corpora/general/everyday"), rig.path("loop/deep/texts"));
  rig.write("tiny.yaml", pipelineWith("files: loop/**/*.txt"));
  const { manifest } = await inspected(rig);
  expect(manifest.sources[1]?.read).toBe(20);
});

test("a pipe in the place of a file is named and waited for by nobody", async () => {
  using rig = new Rig();
  mkdirSync(rig.path("texts"));
  execFileSync("mkfifo", [rig.path("texts/pipe.txt")]);
  rig.write("tiny.yaml", pipelineWith(`files: [texts/*.txt, corpora/general/everyday/*.txt]`));
  const ended = await inspect(rig);
  expect(ended.code).toBe(2);
  expectOneMessage(ended, "pipe.txt");
});

test("what is no text is refused with the file, the reason and the byte; or skipped and counted", async () => {
  using rig = new Rig();
  mkdirSync(rig.path("texts"));
  writeFileSync(
    rig.path("texts/latin.txt"),
    Buffer.from("caf\u00e9 au lait, s'il vous pla\u00eet ".repeat(20), "latin1"),
  );
  writeFileSync(rig.path("texts/zero.txt"), "zero\0zero".repeat(20));
  const source = `files: [texts/*.txt, corpora/general/everyday/*.txt]`;
  rig.write("tiny.yaml", pipelineWith(source));
  const refused = await rig.exec("corpus", "inspect", "tiny.yaml", "--cache", rig.store);
  expect(refused.code).toBe(1);
  expectOneMessage(refused, "2 documents", "texts/latin.txt", "byte 3", "texts/zero.txt", "NUL", "unreadable: skip");
  rig.write("tiny.yaml", pipelineWith(source, "  hygiene: { unreadable: skip }\n"));
  const { manifest, survey } = await inspected(rig);
  expect(manifest.sources[1]?.dropped).toMatchObject({ unreadable: 2 });
  expect(survey.sources[1]?.unreadable.map(({ name }) => name)).toEqual(["texts/latin.txt", "texts/zero.txt"]);
});

test("names with newlines, quotes and dashes are names like others", async () => {
  using rig = new Rig();
  const texts = rig.read("corpora/general/everyday/flatbread-card.txt");
  const names = ["a\nb.txt", `it's "quoted".txt`, "-rf.txt", "$(touch pwned).txt", "ü \u0007bell.txt"];
  mkdirSync(rig.path("odd 'dir'"));
  for (const [index, name] of names.entries())
    writeFileSync(join(rig.path("odd 'dir'"), name), `${texts.split("\n").slice(index).join("\n")} ${name.length}`);
  rig.write("tiny.yaml", pipelineWith(`files: ["odd 'dir'/*.txt", corpora/general/everyday/*.txt]`));
  const { manifest } = await inspected(rig);
  expect(manifest.sources[1]?.read).toBe(25);
  const shown = await rig.exec("corpus", "inspect", "tiny.yaml", "--cache", rig.store);
  expect(shown.code).toBe(0);
  expect(shown.stdout).not.toContain("\u0007");
});

test("a file that changes while it is read makes the step fail, and the next run is good", async () => {
  using rig = new Rig();
  rig.write("tiny.yaml", pipelineWith(general));
  // The tokenizer is the first thing to run once all text is read.
  const { fakeTools } = await import("../rig/fake-tools.ts");
  const tools = fakeTools(
    rig,
    "llama-tokenize",
    `echo grown >> ${rig.path("corpora/general/everyday/flatbread-card.txt")}; exec "$real" "$@"`,
  );
  const ended = await rig.run("tiny.yaml", "--llama-cpp", tools);
  expect(ended.code).toBe(1);
  expect(ended.result?.failures?.[0]).toMatchObject({ reason: "input-changed", step: "corpus" });
  expect((await rig.run("tiny.yaml")).code).toBe(0);
});

test("the same corpus comes out of any directory order and any locale", async () => {
  const sums: string[] = [];
  const names = Array.from({ length: 40 }, (_, index) => `${["z", "Ö", "a", "Z", "ä"][index % 5]}${index}.txt`);
  for (const [locale, order] of [
    ["C", names],
    ["sv_SE.UTF-8", names.toReversed()],
    ["tr_TR.UTF-8", [...names.slice(20), ...names.slice(0, 20)]],
  ] as const) {
    using rig = new Rig();
    mkdirSync(rig.path("texts"));
    for (const name of order)
      writeFileSync(
        rig.path("texts", name),
        `${rig.read("corpora/general/everyday/flatbread-card.txt")} ${name.repeat(50)}`,
      );
    rig.write("tiny.yaml", pipelineWith(`files: [texts/*.txt, corpora/general/*/*.txt]`));
    const argv = ["corpus", "inspect", "tiny.yaml", "--json", "--cache", rig.store];
    const ended = await rig.start(argv, { LC_ALL: locale, LANG: locale }).ended;
    expect(ended.code).toBe(0);
    sums.push(ended.stdout);
  }
  expect(new Set(sums).size).toBe(1);
});

test("a hundred thousand tiny files are read in one go", { timeout: 600_000 }, async () => {
  using rig = new Rig();
  for (let folder = 0; folder < 100; folder += 1) {
    mkdirSync(rig.path(`many/${folder}`), { recursive: true });
    for (let file = 0; file < 1000; file += 1)
      writeFileSync(
        rig.path(`many/${folder}/${file}.txt`),
        // No two alike: words in base 26 of numbers that are far apart.
        Array.from({ length: 14 }, (_, word) => ((folder * 1000 + file + 1) * (word + 3) * 7919).toString(26)).join(
          " ",
        ),
      );
  }
  rig.write("tiny.yaml", pipelineWith(`files: many/**/*.txt`));
  const { manifest } = await inspected(rig);
  expect(manifest.sources[1]).toMatchObject({ read: 100_000, dropped: { unreadable: 0 } });
});
