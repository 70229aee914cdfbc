import { chmod, copyFile, mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findToolchain, type FindOptions } from "../../src/run/toolchain/find.ts";
import { executable, fakeTools, runs, scratch, type FakeOptions } from "./fake-tools.ts";

const options = async (more: Partial<FindOptions> = {}): Promise<FindOptions> => ({
  env: { PATH: process.env["PATH"] },
  pathDirs: [],
  versionRange: ">=0.5",
  backend: "auto",
  cacheDir: join(await scratch(), "cache"),
  ...more,
});

const skippedLine = async (fake: FakeOptions, more: Partial<FindOptions> = {}): Promise<string> => {
  const root = await scratch();
  const bad = await fakeTools(join(root, "bad"), fake);
  const good = await fakeTools(join(root, "good"));
  const found = await findToolchain(await options({ pathDirs: [bad, good], ...more }));
  if (!found.ok) throw new Error(JSON.stringify(found.error));
  expect(found.value.toolchain.directory).toBe(good);
  expect(found.value.toolchain.origin).toBe("path");
  expect(found.value.skipped).toHaveLength(1);
  return (found.value.skipped[0] ?? "").replace(`PATH ${bad}: `, "");
};

test("a toolchain on PATH is described", async () => {
  const directory = await fakeTools(await scratch());
  const found = await findToolchain(await options({ pathDirs: ["/nowhere", directory] }));
  expect(found).toMatchObject({
    ok: true,
    value: {
      skipped: [],
      toolchain: {
        directory,
        origin: "path",
        version: "0.5.0-dev (build 1, commit de3ff81)",
        jsonLog: true,
        numeric: { backend: "cpu", device: "cpu", isa: expect.stringMatching(/^native:[0-9a-f]{12}$/) as string },
      },
    },
  });
});

test.each<[string, FakeOptions, string]>([
  [
    "an old version",
    { version: "0.4.9 (build 3, commit abc)" },
    "llama.cpp 0.4.9 (build 3, commit abc) is too old: >=0.5 is wanted",
  ],
  ["a build number", { version: "4567 (abc1234)" }, "llama.cpp build 4567 (abc1234) is too old: >=0.5 is wanted"],
  ["a missing flag", { without: "--output-format" }, "llama-imatrix does not know --output-format"],
  [
    "a flag that is only the start of another",
    { without: "-base" },
    "llama-perplexity does not know --kl-divergence-base",
  ],
  ["three of four tools", { tools: { "llama-tokenize": null } }, "llama-tokenize is missing"],
  [
    "a tool that says nothing",
    { tools: { "llama-perplexity": "echo no such library >&2; exit 127" } },
    "llama-perplexity --version exited with 127: no such library",
  ],
  ["a help that is empty", { tools: { "llama-tokenize": "exit 0" } }, "llama-tokenize said nothing that is understood"],
])("%s on PATH is skipped with a line", async (_, fake, line) => {
  expect(await skippedLine(fake)).toBe(line);
});

test("a newer version outside the range is not called old", async () => {
  expect(await skippedLine({ version: "2.0.0 (build 9)" }, { versionRange: ">=0.5 <1" })).toBe(
    "llama.cpp 2.0.0 (build 9) does not match: >=0.5 <1 is wanted",
  );
});

test("a tool that hangs is ended with what it started, and skipped", async () => {
  const directory = await scratch();
  const hangs = `echo $$ >> '${directory}/pids'; sleep 300 & echo $! >> '${directory}/pids'; wait`;
  const line = await skippedLine({ tools: { "llama-perplexity": hangs } }, { timeoutMs: 700 });
  expect(line).toBe("llama-perplexity --version gave no answer within 0.7 s");
  const pids = (await readFile(join(directory, "pids"), "utf8")).trim().split("\n");
  expect(pids.length).toBeGreaterThanOrEqual(2);
  await expect.poll(() => Promise.all(pids.map(runs)), { timeout: 5000 }).not.toContain(true);
});

test("a file that may not be executed is named", async () => {
  const directory = await fakeTools(await scratch());
  await chmod(join(directory, "llama-quantize"), 0o644);
  const found = await findToolchain(await options({ pathDirs: [directory] }));
  expect(found).toMatchObject({
    error: { tried: [`PATH ${directory}: llama-quantize cannot be executed`, expect.anything(), expect.anything()] },
  });
});

test("without --log-jsonl the tools are taken, and it is noted", async () => {
  const directory = await fakeTools(await scratch(), { without: "--log-jsonl" });
  const found = await findToolchain(await options({ pathDirs: [directory] }));
  expect(found).toMatchObject({ ok: true, value: { toolchain: { jsonLog: false } } });
});

test("a named directory that cannot be used is an error, whatever PATH has", async () => {
  const root = await scratch();
  const named = await fakeTools(join(root, "named"), { version: "0.1.0" });
  const good = await fakeTools(join(root, "good"));
  const found = await findToolchain(await options({ option: named, pathDirs: [good] }));
  expect(found).toEqual({
    ok: false,
    error: {
      reason: "toolchain-missing",
      tried: [`--llama-cpp ${named}: llama.cpp 0.1.0 is too old: >=0.5 is wanted`],
      remedy: "pipeline toolchain install, and leave --llama-cpp out",
    },
  });
});

test("an empty named directory is an error as well", async () => {
  const named = await scratch();
  const env = { PATH: process.env["PATH"], LLAMA_CPP_DIR: named };
  expect(await findToolchain(await options({ env }))).toMatchObject({
    ok: false,
    error: { tried: [`LLAMA_CPP_DIR ${named}: none of the four tools is there`] },
  });
});

test("the option goes before the variable, the variable before PATH", async () => {
  const root = await scratch();
  const [one, two, three] = await Promise.all(["1", "2", "3"].map((name) => fakeTools(join(root, name))));
  const env = { PATH: process.env["PATH"], LLAMA_CPP_DIR: two };
  const base = await options({ env, pathDirs: [three!] });
  const directories = await Promise.all(
    [{ ...base, option: one! }, base, { ...base, env: { PATH: process.env["PATH"] } }].map(async (each) => {
      const found = await findToolchain(each);
      return found.ok ? `${found.value.toolchain.origin} ${found.value.toolchain.directory}` : found.error;
    }),
  );
  expect(directories).toEqual([`option ${one}`, `environment ${two}`, `path ${three}`]);
});

test("the directory of llama.cpp may be named instead of the one with the tools", async () => {
  const root = await scratch();
  await fakeTools(join(root, "build", "bin"));
  expect(await findToolchain(await options({ option: root }))).toMatchObject({
    value: { toolchain: { directory: join(root, "build", "bin") } },
  });
});

test("the failure names every place", async () => {
  expect(await findToolchain(await options({ pathDirs: ["/usr/bin"] }))).toEqual({
    ok: false,
    error: {
      reason: "toolchain-missing",
      tried: [
        "--llama-cpp and LLAMA_CPP_DIR: not given",
        "PATH: no directory has a llama.cpp tool",
        "managed build: none was made yet",
      ],
      remedy: "pipeline toolchain install",
    },
  });
});

test("what is no version range is an argument that cannot be used", async () => {
  expect(await findToolchain(await options({ versionRange: "new" }))).toMatchObject({
    error: { reason: "unusable-argument" },
  });
});

test("the backend is the one of the devices", async () => {
  const devices = "  CUDA0: NVIDIA H200 (143771 MiB, 143244 MiB free)";
  const directory = await fakeTools(await scratch(), { devices });
  const base = await options({ pathDirs: [directory] });
  expect(await findToolchain(base)).toMatchObject({
    value: { toolchain: { numeric: { backend: "cuda", device: "NVIDIA H200" } } },
  });
  expect(await findToolchain({ ...base, backend: "cpu" })).toMatchObject({
    error: {
      tried: [
        `PATH ${directory}: computes with cuda (NVIDIA H200): cpu is wanted`,
        expect.anything(),
        expect.anything(),
      ],
    },
  });
});

test("probes do not see LLAMA_ARG variables or the user's configuration", async () => {
  const root = await scratch();
  const seen = join(root, "seen");
  const script = `env > '${seen}'; [ "$1" = --version ] && echo 'version: 0.5.0' >&2; echo --kl-divergence-base --ppl-output-type`;
  const directory = await fakeTools(join(root, "bin"), { tools: { "llama-perplexity": script } });
  const env = { PATH: process.env["PATH"], LLAMA_ARG_CTX_SIZE: "7", XDG_CONFIG_HOME: root, KEPT: "1" };
  expect((await findToolchain(await options({ env, pathDirs: [directory] }))).ok).toBe(true);
  const text = await readFile(seen, "utf8");
  expect(text).toContain("KEPT=1");
  expect(text).not.toContain("LLAMA_ARG");
  expect(text).not.toContain(`XDG_CONFIG_HOME=${root}\n`);
});

const calls = async (directory: string): Promise<number> =>
  (await readFile(join(directory, "calls"), "utf8")).trim().split("\n").length;

test("a second look runs no tool; a changed file is probed again", async () => {
  const directory = await fakeTools(await scratch());
  const base = await options({ pathDirs: [directory] });
  const first = await findToolchain(base);
  const before = await calls(directory);
  expect(await findToolchain(base)).toEqual(first);
  expect(await calls(directory)).toBe(before);
  await fakeTools(directory, { version: "0.6.1" });
  expect(await findToolchain(base)).toMatchObject({ value: { toolchain: { version: "0.6.1" } } });
});

test("a file with other bytes, the same size and the same time is seen", async () => {
  const directory = await fakeTools(await scratch(), { version: "0.5.1" });
  const base = await options({ pathDirs: [directory] });
  const old = await findToolchain(base);
  const path = join(directory, "llama-perplexity");
  const { atime, mtime } = await stat(path);
  await writeFile(path, (await readFile(path, "utf8")).replace("0.5.1", "0.5.2"));
  await utimes(path, atime, mtime);
  const now = await findToolchain(base);
  expect(now).toMatchObject({ value: { toolchain: { version: "0.5.2" } } });
  expect(now.ok && now.value.toolchain.identity).not.toEqual(old.ok && old.value.toolchain.identity);
});

test("a damaged cache entry is as good as none", async () => {
  const directory = await fakeTools(await scratch());
  const base = await options({ pathDirs: [directory] });
  const first = await findToolchain(base);
  const probes = join(base.cacheDir, "probes");
  for (const name of await readdir(probes)) {
    const text = await readFile(join(probes, name), "utf8");
    await writeFile(join(probes, name), text.replace("0.5.0", "9.9.9"));
  }
  expect(await findToolchain(base)).toEqual(first);
});

test("a cache directory that cannot be written costs time and nothing else", async () => {
  const directory = await fakeTools(await scratch());
  expect((await findToolchain(await options({ pathDirs: [directory], cacheDir: "/dev/null/cache" }))).ok).toBe(true);
});

const identity = async (option: string): Promise<unknown> => {
  const found = await findToolchain(await options({ option }));
  return found.ok ? found.value.toolchain.identity : found.error;
};

test("identity follows the libraries, and not the place", async () => {
  const root = await scratch();
  const one = await fakeTools(join(root, "one", "bin"));
  // Scripts name their own directory, so the copies are made equal by hand.
  const two = join(root, "two", "bin");
  await mkdir(two, { recursive: true });
  for (const name of ["llama-imatrix", "llama-quantize", "llama-perplexity", "llama-tokenize"])
    await copyFile(join(one, name), join(two, name));
  const plain = await identity(one);
  expect(await identity(two)).toEqual(plain);
  await mkdir(join(root, "two", "lib"));
  await writeFile(join(root, "two", "lib", "libggml-base.so.0.25.1"), "one");
  const withLibrary = await identity(two);
  expect(withLibrary).not.toEqual(plain);
  await writeFile(join(root, "two", "lib", "libggml-base.so.0.25.1"), "two");
  expect(await identity(two)).not.toEqual(withLibrary);
});

test("a library that appears later makes the cache entry worthless", async () => {
  const directory = await fakeTools(await scratch());
  const base = await options({ option: directory });
  const before = await findToolchain(base);
  await writeFile(join(directory, "libggml-cuda.so"), "a backend");
  const after = await findToolchain(base);
  expect(after.ok && after.value.toolchain.identity).not.toEqual(before.ok && before.value.toolchain.identity);
});

test("tools that are links are followed to their libraries", async () => {
  const root = await scratch();
  const real = await fakeTools(join(root, "cellar", "bin"));
  const links = join(root, "links");
  await mkdir(links);
  for (const name of ["llama-imatrix", "llama-quantize", "llama-perplexity", "llama-tokenize"])
    await symlink(join(real, name), join(links, name));
  const base = await options({ pathDirs: [links] });
  const before = await findToolchain(base);
  await mkdir(join(root, "cellar", "lib"));
  await writeFile(join(root, "cellar", "lib", "libllama.so"), "x");
  const after = await findToolchain(base);
  expect(after).toMatchObject({ value: { toolchain: { directory: links } } });
  expect(after.ok && after.value.toolchain.identity).not.toEqual(before.ok && before.value.toolchain.identity);
});

test("two tools of two directories make no toolchain", async () => {
  const root = await scratch();
  const one = await fakeTools(join(root, "1"), { tools: { "llama-imatrix": null } });
  const two = join(root, "2");
  await mkdir(two);
  await executable(join(two, "llama-imatrix"), "exit 0");
  const found = await findToolchain(await options({ pathDirs: [one, two] }));
  expect(found).toMatchObject({
    error: {
      tried: [
        `PATH ${one}: llama-imatrix is missing`,
        `PATH ${two}: llama-quantize and llama-perplexity and llama-tokenize are missing`,
        "--llama-cpp and LLAMA_CPP_DIR: not given",
        "managed build: none was made yet",
      ],
    },
  });
});
