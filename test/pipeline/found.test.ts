import { describe, expect, test } from "vitest";
import { parsePipeline } from "../../src/pipeline/load.ts";
import type { Oddity } from "../../src/pipeline/reader.ts";
import { brief, memoryReader, pipelineFile, problemsOf, withMistake, type Extras } from "./memory-reader.ts";
import { files, original, said, withSource } from "./with-source.ts";

describe("git", () => {
  const clone = "clone it first and give its path";

  test.each([
    [
      "git: https://example.org/r.git",
      `«https://example.org/r.git» \`https://example.org/r.git\` is a URL, not a path (${clone})`,
    ],
    ["git: git@example.org:a/b", `«git@example.org:a/b» \`git@example.org:a/b\` is a URL, not a path (${clone})`],
    ["git: file:///home/ada/repo", `«file:///home/ada/repo» \`file:///home/ada/repo\` is a URL, not a path (${clone})`],
    ["git: ../rep", "«../rep» there is no directory `../rep` (looked for `/home/ada/rep`)"],
    ["git: export.sh", "«export.sh» `export.sh` is a file, not a directory (name the directory of the repository)"],
    [
      "git: ../logs",
      "«../logs» `../logs` is no git repository (give the directory that holds `.git`, or a bare repository)",
    ],
    ["git: ../repo, revision: ''", "«''» `revision` must be a revision such as `main` or `v2.0`, not `''`"],
    [
      "git: ../repo, revision: 2.0",
      '«2.0» `revision` must be a revision such as `main` or `v2.0`, not `2.0` (put it in quotes: `"2.0"`)',
    ],
    [
      "git: ../repo, include: /src",
      "«/src» `include` must be a glob relative to the root of the repository such as `src/**/*.ts`, not `/src`",
    ],
    [
      "git: ../repo, exclude: [a, ../b]",
      "«../b» an entry of `exclude` must be a glob relative to the root of the repository such as `src/**/*.ts`, not `../b`",
    ],
  ])("%s", async (source, expected) => {
    expect(await said(source)).toEqual([expected]);
  });

  test("a password in a URL is not repeated", async () => {
    const [note] = await said("git: https://ada:secret@example.org/r.git");
    expect(note?.replace(/^«.*?»/, "")).toBe(` \`https://example.org/r.git\` is a URL, not a path (${clone})`);
  });

  test("a revision that is not there names the nearest one, else what it may be", async () => {
    const near = { why: "no-revision", near: ["main", "v2.0", "mian2"] } as const;
    const git = {
      "/home/ada/repo mian": near,
      "/home/ada/repo 77": near,
      "/home/ada/repo HEAD": { why: "no-revision" } as const,
    };
    expect(await said("git: ../repo, revision: mian", { git })).toEqual([
      "«mian» `../repo` has no revision `mian` (did you mean `main`?)",
    ]);
    expect(await said("git: ../repo, revision: '77'", { git })).toEqual([
      "«'77'» `../repo` has no revision `77` (a branch, a tag or a commit that it has)",
    ]);
    expect(await said("git: ../repo", { git })).toEqual([
      "«../repo» `../repo` has no revision `HEAD` (a branch, a tag or a commit that it has)",
    ]);
  });

  test.each([
    ["no-git", "git is needed to read a repository, and it cannot be started (install git)"],
    [
      "not-trusted",
      "git does not trust `../repo`, which belongs to another user (add it to git's setting `safe.directory` if you do)",
    ],
    ["no-answer", "git gave no answer about `../repo` in time (try again)"],
  ] as const)("%s is explained", async (why, expected) => {
    expect(await said("git: ../repo", { git: { "/home/ada/repo HEAD": { why } } })).toEqual([`«../repo» ${expected}`]);
  });
});

describe("what is no file", () => {
  const odd = (...entries: readonly (readonly [string, Oddity])[]): Extras => ({ odd: Object.fromEntries(entries) });
  const narrower = "write the glob so that it does not match it";

  test.each([
    ["pipe", `is a pipe, not a file (${narrower})`],
    ["socket", `is a socket, not a file (${narrower})`],
    ["device", `is a device, not a file (${narrower})`],
    ["broken-link", "is a link that leads to no file (mend the link or remove it)"],
    ["closed-directory", "is a directory whose files cannot be listed (allow it to be read)"],
    ["maze", "is a directory to which links lead in too many ways (write a glob that does not go through them)"],
    ["foreign-name", "is a name that is not UTF-8 (rename it)"],
  ] as const)("a glob that matches a %s says so", async (kind, expected) => {
    const lines = await said("files: ../logs/*", odd(["/home/ada/logs/x\ny", kind]));
    expect(lines).toEqual([`«../logs/*» \`../logs/x\ny\` ${expected}`]);
  });

  test("is told once a glob, also where there is nothing else", async () => {
    const lines = await said("files: [../*.p, ../logs/*]", odd(["/home/ada/b.p", "pipe"], ["/home/ada/a.p", "socket"]));
    expect(lines).toEqual([
      `«../*.p» \`../a.p\` is a socket, not a file (and 1 more that can be no text) (${narrower})`,
    ]);
  });

  test("has its absolute path where the glob is absolute", async () => {
    const lines = await said("chats: /home/ada/logs/*", odd(["/home/ada/logs/p", "pipe"]));
    expect(lines).toEqual([`«/home/ada/logs/*» \`/home/ada/logs/p\` is a pipe, not a file (${narrower})`]);
  });

  test("is no file by name either", async () => {
    const there = odd(["/home/ada/p", "pipe"]);
    expect(await said("files: ../p", there)).toEqual([`«../p» \`../p\` is a pipe, not a file (${narrower})`]);
    expect(await said("prompts: ../p", there)).toEqual(["«../p» `../p` is a pipe, not a file"]);
    expect(await said("git: ../p", there)).toEqual(["«../p» `../p` is a pipe, not a file"]);
    expect(brief(await problemsOf(withMistake(["../models/pocket-f16.gguf", "../p"]), files, there))).toEqual([
      "«../p» `../p` is a pipe, not a file",
    ]);
  });
});

describe("names of files", () => {
  test("a file that links give several names counts once, under the first", async () => {
    const links = {
      "/home/ada/logs/0.jsonl": "/home/ada/logs/a.jsonl",
      "/home/ada/logs/z.jsonl": "/home/ada/logs/a.jsonl",
    };
    for (const globs of ["../logs/*.jsonl", "[../logs/z.jsonl, ../logs/a.jsonl, ../logs/0.jsonl]"]) {
      const text = withSource(`files: ${globs}`);
      const result = await parsePipeline(pipelineFile, text, memoryReader(files, { links }));
      expect(result.ok && result.value.pipeline.corpus.sources[2]).toMatchObject({
        files: [{ path: "/home/ada/logs/0.jsonl", name: "0.jsonl" }],
      });
    }
  });

  test("a name with wildcards is shown as it has to be written", async () => {
    const there = { ...files, "/home/ada/logs/a[1].txt": "" };
    const reader = { ...memoryReader(there), glob: async () => ({ files: [], odd: [] }) };
    const text = withMistake([original, `files: "../logs/a[1].txt", domain: general, share: 30%`]);
    const result = await parsePipeline(pipelineFile, text, reader);
    if (result.ok || result.error.reason !== "invalid-pipeline") throw new Error("loaded");
    expect(brief(result.error.diagnostics)).toContain(
      '«"../logs/a[1].txt"» `../logs/a[1].txt` matches no file (for the file of this name write `../logs/a\\[1\\].txt`)',
    );
  });
});
