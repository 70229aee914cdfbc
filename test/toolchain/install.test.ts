import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Event } from "../../src/base/event.ts";
import type { Toolchain } from "../../src/base/tool.ts";
import type { InstallOptions } from "../../src/run/toolchain/build-plan.ts";
import { findToolchain } from "../../src/run/toolchain/find.ts";
import { installToolchain } from "../../src/run/toolchain/install.ts";
import type { Source } from "../../src/run/toolchain/source.ts";
import { fakeSource } from "./fake-source.ts";
import { executable, runs, scratch } from "./fake-tools.ts";

interface Setup extends InstallOptions {
  readonly events: Event[];
  readonly source: Source;
}

const setup = (cacheDir: string, source: Source, more: Partial<InstallOptions> = {}): Setup => {
  const events: Event[] = [];
  const emit = (event: Event): void => void events.push(event);
  return { cacheDir, native: false, backend: "cpu", env: process.env, emit, source, ...more, events };
};

const installed = async (options: InstallOptions): Promise<Toolchain> => {
  const made = await installToolchain(options);
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  return made.value;
};

const find = (cacheDir: string, more = {}) =>
  findToolchain({ env: process.env, pathDirs: [], versionRange: ">=0.5", backend: "auto", cacheDir, ...more });

const fractions = (events: readonly Event[]): readonly number[] =>
  events.flatMap((event) => (event.type === "build" ? [event.fraction] : []));

test("a build is made, found, and made once", async () => {
  const root = await scratch();
  const source = await fakeSource(root);
  const options = setup(join(root, "cache"), source);
  const made = await installed(options);
  expect(made).toMatchObject({ origin: "managed", version: "0.5.0 (build 1, commit abc)", jsonLog: true });
  expect(made.numeric.isa).not.toContain("native");
  const stages = options.events.flatMap((event) => (event.type === "build" ? [event.stage] : []));
  expect([...new Set(stages)]).toEqual(["fetch", "unpack", "configure", "compile", "check", "done"]);
  expect(fractions(options.events)).toEqual([...fractions(options.events)].sort((a, b) => a - b));
  expect(options.events[0]).toMatchObject({
    type: "notice",
    message: expect.stringMatching(/v0.5.0 for cpu \(asked for\)/) as string,
  });
  expect(await find(options.cacheDir)).toEqual({ ok: true, value: { toolchain: made, skipped: [] } });
  const again = setup(options.cacheDir, source);
  expect(await installed(again)).toEqual(made);
  expect(again.events.map(({ type }) => type)).toEqual(["notice", "build"]);
  expect(source.fetches).toBe(1);
  // Nothing of the work is left, and the build holds what is promised.
  const builds = await readdir(join(options.cacheDir, "toolchains"));
  expect(builds).toHaveLength(1);
  expect((await readdir(join(options.cacheDir, "toolchains", builds[0]!))).sort()).toEqual([
    "bin",
    "licenses",
    "manifest.json",
  ]);
});

const bytes = (toolchain: Toolchain) => readFile(join(toolchain.directory, "llama-quantize"));

test("two directories give the same bytes and the same identity", async () => {
  const root = await scratch();
  const source = await fakeSource(root);
  const one = await installed(setup(join(root, "cache one"), source));
  const two = await installed(setup(join(root, "b"), source));
  expect(one.identity).toEqual(two.identity);
  expect((await bytes(one)).equals(await bytes(two))).toBe(true);
});

test("a native build is another build, and bound to this processor", async () => {
  const root = await scratch();
  const source = await fakeSource(root);
  const plain = await installed(setup(join(root, "cache"), source));
  const native = await installed(setup(join(root, "cache"), source, { native: true }));
  expect(native.numeric.isa).toMatch(/^native:/);
  expect(native.identity).not.toEqual(plain.identity);
});

test("a package with other bytes than the pinned one is refused and not kept", async () => {
  const root = await scratch();
  const source = await fakeSource(root);
  const pin = { ...source.pin, integrity: `sha512-${"A".repeat(86)}==` };
  const made = await installToolchain(setup(join(root, "cache"), { ...source, pin }));
  expect(made).toMatchObject({
    ok: false,
    error: {
      reason: "toolchain-build-failed",
      stage: "fetch",
      message: expect.stringContaining("not unpacked") as string,
    },
  });
  const left = await readdir(join(root, "cache"), { recursive: true });
  expect(left.filter((name) => name.endsWith(".tgz") || name.endsWith(".lock") || name.endsWith("source"))).toEqual([]);
});

test("a tool that does not run is not published", async () => {
  const root = await scratch();
  const source = await fakeSource(root, { program: "int main(void) { return 3; }" });
  const made = await installToolchain(setup(join(root, "cache"), source));
  expect(made).toMatchObject({
    error: { stage: "check", message: expect.stringContaining("exited with 3") as string },
  });
  expect(await find(join(root, "cache"))).toMatchObject({ ok: false });
});

test("a compiler error is told with its line and its log", async () => {
  const root = await scratch();
  const source = await fakeSource(root, { program: "int main(void) { return nonsense; }" });
  const made = await installToolchain(setup(join(root, "cache"), source));
  expect(made).toMatchObject({
    error: { stage: "compile", message: expect.stringMatching(/error: .nonsense. undeclared/) as string },
  });
  const failure = made.ok ? undefined : made.error;
  const log = failure?.reason === "toolchain-build-failed" ? await readFile(failure.log ?? "", "utf8") : "";
  expect(log).toContain("nonsense");
});

test("a damaged build is not used, and is made again", async () => {
  const root = await scratch();
  const source = await fakeSource(root);
  const cacheDir = join(root, "cache");
  const made = await installed(setup(cacheDir, source));
  await writeFile(join(made.directory, "llama-quantize"), "damaged");
  expect(await find(cacheDir)).toMatchObject({
    error: {
      tried: [expect.stringContaining("llama-quantize is not what was built"), expect.anything(), expect.anything()],
    },
  });
  expect(await installed(setup(cacheDir, source))).toEqual(made);
  expect(await find(cacheDir)).toMatchObject({ ok: true });
});

test("a managed build that is touched is hashed again and kept", async () => {
  const root = await scratch();
  const cacheDir = join(root, "cache");
  const made = await installed(setup(cacheDir, await fakeSource(root)));
  const path = join(made.directory, "llama-imatrix");
  await writeFile(path, await readFile(path));
  expect(await find(cacheDir)).toMatchObject({ ok: true, value: { toolchain: { identity: made.identity } } });
});

test("a managed build outside the range, or for another backend, is skipped with a line", async () => {
  const root = await scratch();
  const cacheDir = join(root, "cache");
  await installed(setup(cacheDir, await fakeSource(root)));
  expect(await find(cacheDir, { versionRange: ">=0.6" })).toMatchObject({
    error: {
      tried: [
        expect.stringMatching(/^managed build .*: llama.cpp 0.5.0 .* is too old: >=0.6 is wanted$/),
        expect.anything(),
        expect.anything(),
      ],
    },
  });
  expect(await find(cacheDir, { backend: "cuda" })).toMatchObject({
    error: { tried: [expect.stringMatching(/: built for cpu: cuda is wanted$/), expect.anything(), expect.anything()] },
  });
});

test("a build tool that is missing is named with its remedy before anything is fetched", async () => {
  const root = await scratch();
  const source = await fakeSource(root);
  const made = await installToolchain(setup(join(root, "cache"), source, { env: { PATH: "/nowhere" } }));
  expect(made).toMatchObject({
    error: { stage: "configure", message: expect.stringMatching(/cmake is not there \(.*cmake\); make/) as string },
  });
  expect(source.fetches).toBe(0);
});

test.skipIf(process.platform === "darwin")("a backend that was asked for and is not there is an error", async () => {
  const root = await scratch();
  const options = setup(join(root, "cache"), await fakeSource(root), { backend: "metal" });
  expect(await installToolchain(options)).toMatchObject({
    error: { stage: "configure", message: "cannot be built for metal: no Apple silicon" },
  });
});

const cudaMachine = async (root: string): Promise<Record<string, string | undefined>> => {
  const bin = join(root, "bin");
  await mkdir(bin);
  await executable(join(bin, "nvidia-smi"), "echo 'NVIDIA Test, 9.0'");
  await executable(join(bin, "nvcc"), "echo 'Cuda compilation tools, release 12.4, V12.4.131'");
  return { ...process.env, PATH: `${bin}:${process.env["PATH"]}` };
};

test("a build for a card is used where there is such a card, and names it", async () => {
  const root = await scratch();
  const machine = await cudaMachine(root);
  const env = { ...machine, FAKE_CARD: "CUDA0: NVIDIA Test (10 MiB, 5 MiB free)" };
  const cacheDir = join(root, "cache");
  const made = await installed(setup(cacheDir, await fakeSource(root), { backend: "auto", env }));
  expect(made.numeric).toMatchObject({ backend: "cuda", device: "NVIDIA Test" });
  expect(await find(cacheDir, { env })).toMatchObject({ ok: true, value: { toolchain: made } });
  expect(await find(cacheDir, { env: { ...machine, CUDA_VISIBLE_DEVICES: "" } })).toMatchObject({
    error: {
      tried: [
        expect.stringMatching(/: built for cuda, and no such device is here$/),
        expect.anything(),
        expect.anything(),
      ],
    },
  });
});

test("an accelerator that cannot be configured is given up for the CPU, and it is said", async () => {
  const root = await scratch();
  // cmake of the real sources stops at an nvcc that compiles nothing; here a wrapper does.
  const env = await cudaMachine(root);
  const bin = join(root, "bin");
  await executable(
    join(bin, "cmake"),
    `case "$*" in *GGML_CUDA=ON*) echo 'CMake Error: no CUDA'; exit 1;; esac\nPATH="\${PATH#*:}" exec cmake "$@"`,
  );
  const options = setup(join(root, "cache"), await fakeSource(root), { backend: "auto", env });
  const made = await installed(options);
  expect(made.numeric.backend).toBe("cpu");
  const notices = options.events.flatMap((event) => (event.type === "notice" ? [event.message] : []));
  expect(notices[0]).toContain("for cuda (NVIDIA Test and nvcc 12.4, V12.4.131)");
  expect(notices[1]).toContain("it is made for the CPU");
});

test("cancelling ends make and everything below it", async () => {
  const root = await scratch();
  const source = await fakeSource(root, { slow: `echo $$ > '${root}/pid'; sleep 300; :` });
  const cancel = new AbortController();
  const making = installToolchain(setup(join(root, "cache"), source, { signal: cancel.signal }));
  const pid = await pollFile(join(root, "pid"));
  cancel.abort("SIGTERM");
  const started = performance.now();
  expect(await making).toEqual({ ok: false, error: { reason: "interrupted", signal: "SIGTERM" } });
  expect(performance.now() - started).toBeLessThan(4000);
  await expect.poll(() => runs(pid), { timeout: 5000 }).toBe(false);
  expect((await readdir(join(root, "cache", "toolchains"))).filter((name) => name.endsWith(".lock"))).toEqual([]);
});

const pollFile = async (path: string): Promise<string> => {
  await expect.poll(() => readFile(path, "utf8").catch(() => ""), { timeout: 20_000 }).not.toBe("");
  return (await readFile(path, "utf8")).trim();
};

/** Another process that installs from the same package. */
const installer = (cacheDir: string, source: Source, tarball: string) => {
  const script = `const { installToolchain } = await import(process.argv[1]);
    const [, , cacheDir, pin, tarball] = process.argv;
    const { copyFile } = await import("node:fs/promises");
    const fetch = async (to) => { await copyFile(tarball, to + "/f.tgz"); return { ok: true, value: to + "/f.tgz" }; };
    const made = await installToolchain({ cacheDir, native: false, backend: "cpu", env: process.env,
      emit: (event) => console.log(JSON.stringify(event)), source: { pin: JSON.parse(pin), fetch } });
    console.log(JSON.stringify(made));`;
  const install = new URL("../../src/run/toolchain/install.ts", import.meta.url).href;
  const argv = ["--input-type=module", "-e", script, install, cacheDir, JSON.stringify(source.pin), tarball];
  return spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
};

test("two at once make one build", async () => {
  const root = await scratch();
  const source = await fakeSource(root, { slow: `echo one >> '${root}/marks'; sleep 1` });
  const cacheDir = join(root, "cache");
  const both = [1, 2].map(() => installer(cacheDir, source, join(root, "fake.tgz")));
  const outputs = await Promise.all(both.map(async ({ stdout }) => (await stdout.toArray()).join("")));
  const results = outputs.map((text) => JSON.parse(text.trim().split("\n").at(-1)!) as { ok: boolean });
  expect(results[0]).toMatchObject({ ok: true });
  expect(results[1]).toEqual(results[0]);
  expect(outputs.filter((text) => text.includes("waiting for it"))).toHaveLength(1);
  expect(await readFile(join(root, "marks"), "utf8")).toBe("one\n");
});

test("after kill -9 the next install ends the orphans and goes on from what is there", async () => {
  const root = await scratch();
  const source = await fakeSource(root, { slow: `echo $$ >> '${root}/pids'; sleep 3; :` });
  const cacheDir = join(root, "cache");
  const first = installer(cacheDir, source, join(root, "fake.tgz"));
  const orphan = await pollFile(join(root, "pids"));
  first.kill("SIGKILL");
  await once(first, "exit");
  expect(await runs(orphan)).toBe(true);
  const cloned = join(
    cacheDir,
    "toolchains",
    (await readdir(join(cacheDir, "toolchains"))).find((name) => /^build-\w+$/.test(name))!,
    "source",
    "tool.c",
  );
  const before = (await stat(cloned, { bigint: true })).ino;
  const options = setup(cacheDir, source);
  const making = installToolchain(options);
  await expect.poll(() => runs(orphan), { timeout: 5000 }).toBe(false);
  expect((await stat(cloned, { bigint: true })).ino).toBe(before);
  expect(await making).toMatchObject({ ok: true });
  expect(source.fetches).toBe(0);
});
