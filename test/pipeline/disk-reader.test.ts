import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeDiskReader } from "../../src/run/disk-reader.ts";

const reader = makeDiskReader(process.env);

let folder = "";
let sockets: Server[] = [];

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "disk-reader-")));
});

afterEach(() => {
  for (const socket of sockets) socket.close();
  sockets = [];
  rmSync(folder, { recursive: true, force: true });
});

const put = (...names: readonly string[]): void => {
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), name);
  }
};

const link = (name: string, target: string): void => {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  symlinkSync(target, join(folder, name));
};

const pipe = (name: string): void => {
  expect(spawnSync("mkfifo", [join(folder, name)]).status).toBe(0);
};

const socket = async (name: string): Promise<void> => {
  const server = createServer();
  sockets.push(server);
  await new Promise<void>((resolve) => server.listen(join(folder, name), () => resolve()));
};

/** Names below the folder of what a glob matches. */
const globbed = async (pattern: string, below = "") => {
  const base = join(folder, below);
  const { files, odd } = await reader.glob(pattern, base);
  const name = (path: string): string => path.slice(base.length + 1);
  return {
    files: files.map(({ path }) => name(path)).sort(),
    odd: odd.map(({ path, kind }) => `${name(path)}: ${kind}`).sort(),
  };
};

const only = (...files: readonly string[]) => ({ files, odd: [] });

describe("globs", () => {
  test.each([
    ["*.txt", ["a.txt"]],
    ["**/*.txt", ["a.txt", "sub/b.txt", "sub/deep/c.txt"]],
    ["**", ["a.txt", "d.md", "sub/b.txt", "sub/deep/c.txt"]],
    ["*/*", ["sub/b.txt"]],
    ["*/**/*.txt", ["sub/b.txt", "sub/deep/c.txt"]],
    ["**/deep/*", ["sub/deep/c.txt"]],
    ["**/{deep,other}/**/*.txt", ["sub/deep/c.txt"]],
    ["{a.txt,sub/b.txt}", ["a.txt", "sub/b.txt"]],
    ["[ad].*", ["a.txt", "d.md"]],
    ["?.md", ["d.md"]],
    [".hidden/*.txt", [".hidden/e.txt"]],
    ["!(a)*.md", ["d.md"]],
  ])("%s", async (pattern, expected) => {
    put("a.txt", "d.md", "sub/b.txt", "sub/deep/c.txt", ".hidden/e.txt", ".f.txt");
    expect(await globbed(pattern)).toEqual(only(...expected));
  });

  test("of nothing are nothing", async () => {
    expect(await globbed("**/*.txt")).toEqual(only());
    expect(await globbed("**/*.txt", "nowhere")).toEqual(only());
  });

  const hostile = ["a\nb.txt", "-rf.txt", 'it\'s "so".txt', "tab\t.txt", "back\\slash.txt", "x\u2028y.txt", " .txt"];

  test.each(hostile)("a file called %j is found and can be read", async (name) => {
    put(name, `dir ${name}/in.txt`);
    const { files, odd } = await reader.glob("**/*.txt", folder);
    expect(odd).toEqual([]);
    expect(files.map(({ path }) => path).sort()).toEqual(
      [join(folder, name), join(folder, `dir ${name}/in.txt`)].sort(),
    );
    for (const { path } of files) expect(await reader.readText(path)).toMatchObject({ ok: true });
  });

  test.each(["[old]", "a*b", "back\\slash", "{x,y}", "!not", "(p)", "new\nline"])(
    "a folder called %j is no pattern",
    async (name) => {
      put(`${name}/a.txt`, `${name}/sub/b.txt`, "o/wrong.txt", "axb/wrong.txt");
      expect(await globbed("**/*.txt", name)).toEqual(only("a.txt", "sub/b.txt"));
      expect(await globbed("*.txt", name)).toEqual(only("a.txt"));
    },
  );

  test.each([
    [String.raw`notes\[1\].txt`, "notes[1].txt"],
    [String.raw`n\[1\]/*.txt`, "n[1]/a.txt"],
    [String.raw`n\[1\]/a.txt`, "n[1]/a.txt"],
    ["!a*.txt", "!ab.txt"],
    ["*/!a/*.txt", "x/!a/b.txt"],
    ["[a]\nb.txt", "a\nb.txt"],
  ])("%j names a file with special characters", async (pattern, name) => {
    put("notes1.txt", "n1/a.txt", "b.txt", name);
    expect(await globbed(pattern)).toEqual(only(name));
  });

  test("what matches and is no file is said, and what does not match is not", async () => {
    put("a.txt");
    pipe("pipe.txt");
    pipe("pipe.other");
    await socket("socket.txt");
    link("broken.txt", "nowhere");
    link("itself.txt", "itself.txt");
    link("null.txt", "/dev/null");
    link("topipe.txt", "pipe.txt");
    expect(await globbed("*.txt")).toEqual({
      files: ["a.txt"],
      odd: [
        "broken.txt: broken-link",
        "itself.txt: broken-link",
        "null.txt: device",
        "pipe.txt: pipe",
        "socket.txt: socket",
        "topipe.txt: pipe",
      ],
    });
  });

  test("a name that is not UTF-8 is said, of files and of directories", async () => {
    const bytes = Buffer.concat([Buffer.from(`${folder}/bad`), Buffer.from([0xff])]);
    put("a.txt", "real\ufffd.txt");
    writeFileSync(Buffer.concat([bytes, Buffer.from(".txt")]), "");
    mkdirSync(bytes);
    expect(await globbed("**/*.txt")).toEqual({
      files: ["a.txt", "real\ufffd.txt"],
      odd: ["bad\ufffd.txt: foreign-name", "bad\ufffd: foreign-name"],
    });
  });
});

describe("links", () => {
  test("lead to files and directories, whose real paths are known", async () => {
    put("texts/a.txt", "elsewhere/b.txt");
    link("texts/link.txt", "a.txt");
    link("texts/more", "../elsewhere");
    const { files } = await reader.glob("**/*.txt", join(folder, "texts"));
    expect(Object.fromEntries(files.map(({ path, real }) => [path, real]))).toEqual({
      [join(folder, "texts/a.txt")]: join(folder, "texts/a.txt"),
      [join(folder, "texts/link.txt")]: join(folder, "texts/a.txt"),
      [join(folder, "texts/more/b.txt")]: join(folder, "elsewhere/b.txt"),
    });
  });

  test("a folder behind a link has the real paths of its files", async () => {
    put("real/a.txt");
    link("door", "real");
    const { files } = await reader.glob("*.txt", join(folder, "door"));
    expect(files).toEqual([{ path: join(folder, "door/a.txt"), real: join(folder, "real/a.txt") }]);
  });

  test("in a circle end, and each file is listed once", async () => {
    put("a.txt", "sub/b.txt");
    link("sub/up", "..");
    link("sub/self", ".");
    link("other", "sub");
    expect(await globbed("**/*.txt")).toEqual(only("a.txt", "other/b.txt"));
    expect(await globbed("*/*.txt")).toEqual(only("other/b.txt"));
    expect((await globbed("**/sub/*.txt")).files).toEqual(["sub/b.txt"]);
  });

  test("the first name in code-unit order is kept, also where it is longer", async () => {
    put("z/a.txt");
    link("a", "z");
    link("a-b", "z");
    expect(await globbed("**/*.txt")).toEqual(only("a-b/a.txt"));
  });

  test("a directory that one name leads to but another matches is not lost", async () => {
    put("drop/a.txt");
    link("keep", "drop");
    expect((await globbed("**/keep/*.txt")).files).toEqual(["keep/a.txt"]);
    expect((await globbed("{keep,x/y}/*.txt")).files).toEqual(["keep/a.txt"]);
  });

  test("from everywhere to everywhere end in sensible time or are refused", async () => {
    const rooms = Array.from({ length: 20 }, (_, index) => `r${index}`);
    for (const room of rooms) put(`${room}/${room}.txt`);
    for (const room of rooms) for (const other of rooms) link(`${room}/to-${other}`, `../${other}`);
    expect((await globbed("**/*.txt")).files).toHaveLength(20);
    expect((await globbed("**/r7/**/*.txt")).odd.every((line) => line.endsWith(": maze"))).toBe(true);
    expect((await globbed("**/r7/**/*.txt")).odd.length).toBeGreaterThan(0);
  });

  test("many links to one directory are no maze where a glob has no `**`", async () => {
    put("z/sub/a.txt");
    for (let index = 0; index < 50; index += 1) link(`l${index}`, "z");
    expect((await globbed("*/*/*.txt")).files).toEqual(["l0/sub/a.txt"]);
    expect((await globbed("*/**/*.txt")).files).toEqual(["l0/sub/a.txt"]);
  });
});

describe("kinds and sizes", () => {
  test("of what a disk can hold", async () => {
    put("a.txt");
    pipe("pipe");
    await socket("socket");
    link("broken", "nowhere");
    link("door", "a.txt");
    const kinds = await Promise.all(
      ["a.txt", "", "pipe", "socket", "broken", "door", "none"].map((name) => reader.kind(join(folder, name))),
    );
    expect(kinds).toEqual(["file", "directory", "pipe", "socket", "broken-link", "file", "missing"]);
    expect(await reader.kind("/dev/null")).toBe("device");
    expect(await reader.realPath(join(folder, "door"))).toBe(join(folder, "a.txt"));
    expect(await reader.realPath(join(folder, "none"))).toBe(join(folder, "none"));
  });

  test("compressed text has no certain size, whatever its name, and neither has what cannot be read", async () => {
    const write = (name: string, bytes: Uint8Array | string): string => {
      writeFileSync(join(folder, name), bytes);
      return join(folder, name);
    };
    pipe("pipe");
    const paths = [
      write("empty.txt", ""),
      write("plain.txt", "four"),
      write("gzip.txt", gzipSync("text")),
      write("zstd.txt", zstdCompressSync("text")),
      join(folder, "pipe"),
      join(folder, "none"),
    ];
    const sizes = await reader.sizes(paths);
    expect([sizes[0], sizes[1], sizes[2], sizes[3], sizes[5]]).toEqual([0, 4, Infinity, Infinity, Infinity]);
  });
});

describe("git", () => {
  const environment = (home: string) => ({
    PATH: process.env["PATH"],
    HOME: home,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: "Ada",
    GIT_AUTHOR_EMAIL: "ada@example.org",
    GIT_COMMITTER_NAME: "Ada",
    GIT_COMMITTER_EMAIL: "ada@example.org",
  });

  const git = (directory: string, ...argv: readonly string[]): string => {
    const ended = spawnSync("git", argv, { cwd: directory, env: environment(folder), encoding: "utf8" });
    if (ended.status !== 0) throw new Error(ended.stderr);
    return ended.stdout.trim();
  };

  const repository = (name: string): string => {
    put(`${name}/a.txt`, `${name}/sub/b.txt`);
    const path = join(folder, name);
    git(path, "init", "--quiet", "--initial-branch=main");
    git(path, "add", ".");
    git(path, "commit", "--quiet", "--message=first");
    git(path, "tag", "v1.0");
    return path;
  };

  test("names the tree of a branch, a tag, a commit and HEAD", async () => {
    const path = repository("repo");
    const tree = git(path, "rev-parse", "HEAD^{tree}");
    expect(tree).toMatch(/^[0-9a-f]{40}$/);
    const commit = git(path, "rev-parse", "HEAD");
    for (const revision of ["main", "v1.0", "HEAD", commit, commit.slice(0, 10)]) {
      expect(await reader.git(path, revision)).toEqual({ tree });
    }
    writeFileSync(join(path, "a.txt"), "changed");
    expect(await reader.git(path, "HEAD")).toEqual({ tree });
    git(path, "commit", "--quiet", "--all", "--message=second");
    expect(await reader.git(path, "HEAD")).not.toEqual({ tree });
    expect(await reader.git(path, "v1.0")).toEqual({ tree });
  });

  test("reads bare repositories, and paths and ids of every kind", async () => {
    const path = repository("re po\n-x");
    git(folder, "clone", "--quiet", "--bare", path, "bare.git");
    const tree = git(path, "rev-parse", "HEAD^{tree}");
    expect(await reader.git(path, "HEAD")).toEqual({ tree });
    expect(await reader.git(join(folder, "bare.git"), "main")).toEqual({ tree });
    expect(await reader.git(join(path, ".git"), "main")).toEqual({ tree });
    link("door", "bare.git");
    expect(await reader.git(join(folder, "door"), "main")).toEqual({ tree });
  });

  test.each(["--all", "-x", "v2.0", "main:a.txt", "main..v1.0", "--output=x", "", "$(touch x)", "HEAD^{blob}"])(
    "%j is no revision, and the names there are come with it",
    async (revision) => {
      const path = repository("repo");
      git(path, "branch", "topic");
      expect(await reader.git(path, revision)).toEqual({ why: "no-revision", near: ["main", "topic", "v1.0"] });
    },
  );

  test("a repository without commits has no revision and no names", async () => {
    mkdirSync(join(folder, "empty"));
    git(join(folder, "empty"), "init", "--quiet");
    expect(await reader.git(join(folder, "empty"), "HEAD")).toEqual({ why: "no-revision", near: [] });
  });

  test("a directory inside a repository is none", async () => {
    const path = repository("repo");
    expect(await reader.git(join(path, "sub"), "HEAD")).toEqual({ why: "no-repository" });
    put("plain/a.txt");
    expect(await reader.git(join(folder, "plain"), "HEAD")).toEqual({ why: "no-repository" });
  });

  test("variables that redirect git have no effect", async () => {
    const path = repository("repo");
    const other = repository("other");
    writeFileSync(join(other, "a.txt"), "changed");
    git(other, "commit", "--quiet", "--all", "--message=second");
    const misled = makeDiskReader({ ...process.env, GIT_DIR: join(other, ".git"), GIT_WORK_TREE: other });
    expect(await misled.git(path, "HEAD")).toEqual({ tree: git(path, "rev-parse", "HEAD^{tree}") });
  });

  test("a machine without git is told apart", async () => {
    const path = repository("repo");
    expect(await makeDiskReader({ PATH: folder }).git(path, "HEAD")).toEqual({ why: "no-git" });
    expect(await makeDiskReader({}).git(path, "HEAD")).toEqual({ why: "no-git" });
  });

  test("settings of a repository start no program, not even where objects are missing", async () => {
    const path = repository("repo");
    git(path, "config", "uploadpack.allowFilter", "true");
    git(folder, "clone", "--quiet", "--bare", "--filter=tree:0", `file://${path}`, "partial.git");
    const partial = join(folder, "partial.git");
    const mark = join(folder, "ran");
    git(partial, "config", "remote.origin.url", `ext::touch ${mark}`);
    git(partial, "config", "protocol.ext.allow", "always");
    git(partial, "config", "core.fsmonitor", `touch ${mark}`);
    git(partial, "config", "core.sshCommand", `touch ${mark}`);
    const answer = await reader.git(partial, "HEAD");
    expect(await reader.git(partial, "HEAD:sub")).toMatchObject({ why: "no-revision" });
    expect("tree" in answer || answer.why === "no-revision").toBe(true);
    expect(await reader.kind(mark)).toBe("missing");
  });
});
