import { execFileSync, spawn } from "node:child_process";
import { chmodSync, globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import type { Manifest } from "../../src/corpus/manifest.ts";
import type { Survey } from "../../src/corpus/survey.ts";
import { Rig, stepsThat, type Ended } from "../rig/rig.ts";
import { bin } from "../rig/tools.ts";

/** A pipeline over the shipped notes and one more source. */
const pipelineWith = (source: string, more = ""): string => `name: tiny
model: models/pocket-f16.gguf
corpus:
  seed: 3
  split: { search: 2 units }
${more}  sources:
    - { id: notes, files: corpora/medical/notes/*.txt, domain: medical, share: 60% }
    - ${source}
imatrix: { chunks: 5, context: 512 }
quantize: { types: [Q8_0] }
validate: { domain: medical, units: 16, unit: 512, context: 512 }
select: { tolerance: chat }
timeouts: { stall: 20s }
`;

interface Inspection {
  readonly manifest: Manifest;
  readonly survey: Survey;
}

const inspect = async (rig: Rig, file: string): Promise<{ ended: Ended; found: Inspection }> => {
  const ended = await rig.exec("corpus", "inspect", file, "--json", "--cache", rig.store);
  expect(ended.code, ended.stderr + ended.stdout).toBe(0);
  return { ended, found: JSON.parse(ended.stdout) as Inspection };
};

const general = (rig: Rig): string[] =>
  globSync("corpora/general/*/*.txt", { cwd: rig.folder })
    .sort()
    .map((file) => rig.read(file));

test("text comes from records, compressed or not, by field and column", async () => {
  using rig = new Rig();
  const texts = general(rig);
  const lines = texts.map((text, index) => JSON.stringify({ id: index, body: { text } })).join("\n");
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  mkdirSync(rig.path("data"));
  writeFileSync(rig.path("data/a.jsonl.gz"), gzipSync(lines));
  writeFileSync(
    rig.path("data/a.csv.zst"),
    zstdCompressSync(`id,text\n${texts.map((text, id) => `${id},${quoted(text)}`).join("\n")}\n`),
  );
  writeFileSync(rig.path("data/utf16.txt"), Buffer.from(`\uFEFF${texts.join("\n\n")}`, "utf16le"));
  const kinds = {
    "jsonl.gz": "files: data/a.jsonl.gz, field: body.text",
    "csv.zst": "files: data/a.csv.zst",
    utf16: "files: data/utf16.txt",
  };
  const counts: Record<string, number> = {};
  for (const [name, source] of Object.entries(kinds)) {
    rig.write("tiny.yaml", pipelineWith(`{ id: general, ${source}, domain: general, share: 40% }`));
    const { found } = await inspect(rig, "tiny.yaml");
    // Two windows are its share; its matrix is collected from as many as the mix has.
    expect(found.manifest.sources[1]).toMatchObject({ windows: { wanted: 2, got: 5 } });
    counts[name] = found.manifest.sources[1]?.read ?? 0;
  }
  expect(counts).toEqual({ "jsonl.gz": texts.length, "csv.zst": texts.length, utf16: 1 });
});

test("a revision of a repository is read as it was, and only another tree is read again", async () => {
  using rig = new Rig();
  const git = (...argv: string[]): string =>
    execFileSync("git", ["-C", rig.path("repo"), "-c", "user.name=a", "-c", "user.email=a@example.org", ...argv], {
      encoding: "utf8",
    });
  mkdirSync(rig.path("repo/src/deep"), { recursive: true });
  git("init", "-q");
  for (const [index, text] of general(rig).slice(0, 20).entries()) rig.write(`repo/src/deep/${index} 'x'.txt`, text);
  rig.write("repo/left-out.md", "not wanted ".repeat(100));
  symlinkSync("src", rig.path("repo/link"));
  git("add", "-A");
  git("commit", "-q", "-m", "first");
  git("tag", "release-1");
  rig.write("repo/src/later.txt", "a later text ".repeat(100));
  git("add", "-A");
  git("commit", "-q", "-m", "second");
  rig.write("repo/src/uncommitted.txt", "an uncommitted text ".repeat(100));
  const source = (revision: string): string =>
    `{ id: code, git: repo, revision: ${revision}, include: "src/**", domain: general, share: 40% }`;
  rig.write("tiny.yaml", pipelineWith(source("release-1")));
  const first = await inspect(rig, "tiny.yaml");
  expect(first.found.manifest.sources[1]).toMatchObject({ read: 20, kept: 20 });
  git("tag", "same", "release-1");
  rig.write("tiny.yaml", pipelineWith(source("same")));
  const plan = await rig.exec("plan", "tiny.yaml", "--json", "--cache", rig.store);
  const { steps } = JSON.parse(plan.stdout) as { steps: { step: string; status: string }[] };
  expect(steps.filter(({ step }) => /^(source|corpus)/.test(step)).map(({ status }) => status)).toEqual([
    "cached",
    "cached",
  ]);
  rig.write("tiny.yaml", pipelineWith(source("HEAD")));
  expect((await inspect(rig, "tiny.yaml")).found.manifest.sources[1]).toMatchObject({ read: 21 });
  rig.write("tiny.yaml", pipelineWith(source("release-2")));
  const missing = await rig.exec("check", "tiny.yaml");
  expect(missing.code).toBe(2);
  expect(missing.stderr).toMatch(/tiny\.yaml:8:\d+ error.*release-2/);
  expect(missing.stderr).toContain("release-1");
});

test("a command's output is a source; it runs again when its inputs change, and its failure is named", async () => {
  using rig = new Rig();
  rig.write("texts.txt", general(rig).join("\f"));
  rig.write("export.sh", `#!/bin/sh\necho ran >> ran.log\ntr '\\n\\f' ' \\n' < texts.txt\n`);
  chmodSync(rig.path("export.sh"), 0o755);
  const source = `{ id: db, command: [./export.sh, --all], inputs: [export.sh, texts.txt], format: lines, domain: general, share: 40% }`;
  rig.write("tiny.yaml", pipelineWith(source));
  const run = await rig.run("tiny.yaml");
  expect(run.code).toBe(0);
  expect(stepsThat(run, "done")).toContain("source/db");
  const second = await rig.run("tiny.yaml");
  expect(stepsThat(second, "done")).toEqual([]);
  expect(rig.read("ran.log")).toBe("ran\n");
  rig.edit("texts.txt", "the", "a");
  const third = await inspect(rig, "tiny.yaml");
  expect(rig.read("ran.log")).toBe("ran\nran\n");
  expect(third.found.manifest.sources[1]?.read).toBe(general(rig).length);
  rig.write("export.sh", "#!/bin/sh\necho no such table >&2\nexit 3\n");
  const failed = await rig.run("tiny.yaml");
  expect(failed.code).toBe(1);
  expect(failed.result?.failures?.[0]).toMatchObject({
    reason: "source-failed",
    source: "db",
    message: expect.stringContaining("3") as string,
    lastLines: ["no such table"],
  });
});

test("what is piped in is a source, and piping it in again finds everything done", async () => {
  using rig = new Rig();
  rig.write("tiny.yaml", pipelineWith(`{ id: piped, stdin: jsonl, domain: general, share: 40% }`));
  const lines = general(rig).map((text) => JSON.stringify({ text }));
  const run = (input: string): Promise<{ code: number | null; out: string }> =>
    new Promise((resolve) => {
      const argv = [bin, "run", "tiny.yaml", "--json", "--out", rig.out, "--cache", rig.store];
      const child = spawn(process.execPath, argv, { cwd: rig.folder, env: rig.environment() });
      let out = "";
      child.stdout.on("data", (text: Buffer) => (out += text.toString()));
      child.on("close", (code) => resolve({ code, out }));
      child.stdin.end(input);
    });
  expect((await run(lines.join("\n"))).code).toBe(0);
  const again = await run(lines.join("\n"));
  expect(again.out).toContain('"executed":0');
  expect(JSON.parse(rig.read("out/tiny/corpus/manifest.json"))).toMatchObject({
    sources: [{}, { read: lines.length }],
  });
  const checked = await rig.exec("check", "tiny.yaml");
  expect(checked.code).toBe(0);
});

test("chats are rendered with a template, and a model without one says so", async () => {
  using rig = new Rig();
  const talks = general(rig).map((text) => ({
    messages: [
      { role: "user", content: "Please write a text." },
      { role: "assistant", content: text },
    ],
  }));
  rig.write("chats.jsonl", talks.map((talk) => JSON.stringify(talk)).join("\n"));
  rig.write("chat.jinja", "{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}<|end|>\n{% endfor %}");
  rig.write(
    "tiny.yaml",
    pipelineWith(`{ id: chats, chats: chats.jsonl, template: chat.jinja, domain: general, share: 40% }`),
  );
  const run = await rig.run("tiny.yaml");
  expect(run.code).toBe(0);
  const text = readFileSync(rig.path("out/tiny/corpus/calibration-chats.txt"), "utf8");
  expect(text.startsWith("<|user|>\nPlease write a text.<|end|>\n<|assistant|>\n")).toBe(true);
  rig.write("tiny.yaml", pipelineWith(`{ id: chats, chats: chats.jsonl, domain: general, share: 40% }`));
  const without = await rig.run("tiny.yaml");
  expect(without.code).toBe(1);
  expect(without.result?.failures?.[0]).toMatchObject({ reason: "model-unusable" });
});

test("a source that is short says so before anything long starts, and may give what it has", async () => {
  using rig = new Rig();
  rig.write("few/a.txt", general(rig).join("\n").slice(0, 4000));
  const source = `{ id: few, files: few/*.txt, domain: general, share: 40%, license: CC0-1.0 }`;
  rig.write("tiny.yaml", pipelineWith(source).replace("chunks: 5", "chunks: 20"));
  const refused = await rig.run("tiny.yaml");
  expect(refused.code).toBe(1);
  expect(refused.result?.failures?.[0]).toMatchObject({ reason: "corpus-short", source: "few", split: "calibration" });
  expect(stepsThat(refused, "done")).toEqual(["model"]);
  rig.write("tiny.yaml", pipelineWith(source, "  short: allow\n").replace("chunks: 5", "chunks: 20"));
  const allowed = await rig.run("tiny.yaml");
  expect(allowed.code).toBe(0);
  const report = JSON.parse(rig.read("out/tiny/report.json")) as {
    imatrix: { chunks: number; sources: { chunks: number }[] };
  };
  expect(report.imatrix.sources.map(({ chunks }) => chunks)).toEqual([12, 2]);
  expect(report.imatrix.chunks).toBe(14);
  expect(rig.read("out/tiny/report.md")).toContain("2 of 8");
});
