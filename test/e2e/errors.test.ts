import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { Rig } from "../rig/rig.ts";
import { tinyPipeline } from "../rig/tiny.ts";
import { bin } from "../rig/tools.ts";

test("six mistakes in a file are six located diagnostics and exit code 2", async () => {
  using rig = new Rig();
  rig.write(
    "wrong.yaml",
    `name: tiny
modle: models/pocket-f16.gguf
corpus:
  seed: many
  sources:
    - { id: notes, files: corpora/nowhere/*.txt, domain: medical, share: 75% }
    - { id: general, files: corpora/general/everyday/*.txt, domain: general, share: 20% }
imatrix: { chunks: 4, context: 512 }
quantize: { types: [Q8_0, Q4_KM] }
validate: { domain: medical, units: 16, unit: 512, context: 512 }
select: { tolerance: { ppl: 3 percent } }
`,
  );
  const ended = await rig.exec("run", "wrong.yaml");
  expect(ended.code).toBe(2);
  const places = [...ended.stderr.matchAll(/^wrong\.yaml:(\d+):(\d+) error/gm)].map(([, line]) => Number(line));
  expect(places, ended.stderr).toEqual([2, 4, 5, 6, 9, 11]);
  expect(ended.stderr).toContain("did you mean `model`?");
  expect(ended.stderr).toContain("Q4_K_M");
  expect(ended.stderr).toContain("~~~~");
  expect(ended.stderr).toContain("6 errors");
  expect(ended.stderr).not.toMatch(/\n +at /);
});

test("a tolerance that nothing meets ends with exit code 3 and a report", async () => {
  using rig = new Rig();
  rig.write("tiny.yaml", tinyPipeline.replace("tolerance: chat", "tolerance: { ppl: 3%, kld: 0.000001 }"));
  const ended = await rig.run("tiny.yaml");
  expect(ended.code).toBe(3);
  expect(ended.result).toMatchObject({ ok: false, exitCode: 3, choice: null });
  expect(JSON.parse(rig.read("out/tiny/report.json"))).toMatchObject({ choice: null, refused: "Q8_0" });
  expect(rig.read("out/tiny/report.md")).toContain("no quant passed");
  expect([...rig.sums("tiny").keys()].filter((file) => file.startsWith("tiny-"))).toEqual([]);
});

test("without tools, without --yes and outside CI the exit code is 4 and the remedy is named", async () => {
  using rig = new Rig();
  rig.write("tiny.yaml", tinyPipeline);
  const ended = await rig.start(["run", "tiny.yaml", "--out", rig.out, "--cache", rig.store], {
    LLAMA_CPP_DIR: undefined,
    PATH: "/usr/bin:/bin",
  }).ended;
  expect(ended.code).toBe(4);
  expect(ended.stderr).toContain("pipeline toolchain install");
  expect(existsSync(rig.out)).toBe(false);
});

test("a directory without tools that was named is an error, not skipped", async () => {
  using rig = new Rig();
  rig.write("tiny.yaml", tinyPipeline);
  const ended = await rig.run("tiny.yaml", "--llama-cpp", rig.folder);
  expect(ended.code).toBe(4);
  expect(ended.result).toMatchObject({ failures: [{ reason: "toolchain-missing" }] });
});

test("a model that is quantized already is refused before anything long starts", async () => {
  using rig = new Rig();
  rig.write("tiny.yaml", tinyPipeline);
  expect((await rig.run("tiny.yaml")).code).toBe(0);
  const chosen = [...rig.sums("tiny").keys()].find((file) => file.startsWith("tiny-"));
  rig.write("second.yaml", tinyPipeline.replace("models/pocket-f16.gguf", `out/tiny/${chosen}`));
  const ended = await rig.run("second.yaml");
  expect(ended.code).toBe(1);
  expect(ended.result).toMatchObject({ failures: [{ reason: "model-unusable" }] });
  expect(ended.steps.get("corpus")).toBe("skipped");
});

test("too little text is named with what is there and what is wanted", async () => {
  using rig = new Rig();
  // Beside a grammar, of which any amount may be held out, so that only the run can tell.
  const few = "files: corpora/medical/notes/admission-*.txt, domain: medical, share: 70% }";
  const prompts = "    - { id: prompts, prompts: corpora/medical/prompts.yaml, domain: medical, share: 5% }";
  const sources = `${few}\n${prompts}`;
  rig.write(
    "tiny.yaml",
    tinyPipeline.replace("files: corpora/medical/notes/*.txt, domain: medical, share: 75% }", sources),
  );
  const ended = await rig.run("tiny.yaml");
  expect(ended.code).toBe(1);
  expect(ended.result).toMatchObject({ failures: [{ reason: "corpus-short", source: "notes", split: "holdout" }] });
});

test("a source that is no text is refused by name", async () => {
  using rig = new Rig();
  rig.write("tiny.yaml", tinyPipeline);
  rig.write("corpora/general/everyday/binary.txt", "a\0b");
  const ended = await rig.run("tiny.yaml");
  expect(ended.code).toBe(1);
  expect(ended.result).toMatchObject({
    failures: [{ reason: "corpus-unreadable", count: 1, files: [{ source: "general", file: "binary.txt" }] }],
  });
});

test("an unknown option is a usage error, and --help is none", async () => {
  using rig = new Rig();
  expect((await rig.exec("run", "--nonsense")).code).toBe(2);
  expect((await rig.exec("--help")).code).toBe(0);
  expect((await rig.exec("run", "nowhere.yaml")).code).toBe(2);
});

test("init writes a pipeline that check accepts once its files exist, and overwrites nothing", async () => {
  using rig = new Rig();
  expect((await rig.exec("init")).code).toBe(0);
  rig.edit("pipeline.yaml", "model: model-f16.gguf", "model: models/pocket-f16.gguf");
  rig.edit("pipeline.yaml", "files: texts/**/*.txt", "files: corpora/general/**/*.txt");
  rig.edit("pipeline.yaml", "units: 128", "units: 24");
  const checked = await rig.exec("check", "pipeline.yaml");
  expect(checked.code, checked.stderr).toBe(0);
  const again = await rig.exec("init");
  expect(again.code).toBe(2);
  expect(again.stderr).toContain("exists already");
});

test("a context longer than the model was trained on is refused before anything long starts", async () => {
  using rig = new Rig();
  rig.write("tiny.yaml", tinyPipeline.replace("unit: 512, context: 512", "unit: 1024, context: 1024"));
  const ended = await rig.run("tiny.yaml");
  expect(ended.code).toBe(1);
  expect(ended.result).toMatchObject({ failures: [{ reason: "model-unusable" }] });
  expect(JSON.stringify(ended.result)).toContain("trained on 512 tokens");
});

test("a usage error with --json is a result on stdout, and a reader that goes away causes no stack trace", async () => {
  using rig = new Rig();
  const wrong = await rig.exec("run", "tiny.yaml", "--json", "--jobs", "none");
  expect(wrong.code).toBe(2);
  expect(wrong.result).toMatchObject({ ok: false, exitCode: 2, failures: [{ reason: "unusable-argument" }] });
  const said = spawnSync("bash", ["-c", `"${process.execPath}" "${bin}" schema | head -c 10; exit \${PIPESTATUS[0]}`], {
    encoding: "utf8",
  });
  expect(said.status).toBe(0);
  expect(said.stderr).toBe("");
});
