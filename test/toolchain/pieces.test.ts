import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { Event } from "../../src/base/event.ts";
import { librariesOf, parseLdd, parseOtool } from "../../src/run/toolchain/libraries.ts";
import { buildProgress, compileFraction, lastPercent } from "../../src/run/toolchain/progress.ts";
import { buildName, commonOptions, pinnedSource, type Recipe } from "../../src/run/toolchain/recipe.ts";
import { readSealed, writeSealed } from "../../src/run/toolchain/sealed.ts";
import { openWorkspace } from "../../src/run/toolchain/workspace.ts";
import { scratch } from "./fake-tools.ts";

const run = promisify(execFile);

test("ldd's lines are read, with spaces in paths", () => {
  const output =
    "\tlinux-vdso.so.1 (0x0007)\n\tlibllama.so => /a b/lib/libllama.so (0x7f)\n\tlibgone.so => not found\n";
  expect(parseLdd(output)).toEqual(["/a b/lib/libllama.so"]);
});

test("otool's lines are read, names relative to the loader in both places", () => {
  const output =
    "/opt/bin/llama-quantize:\n\t@rpath/libllama.dylib (compatibility version 0.0.0)\n\t/usr/lib/libSystem.B.dylib (compatibility version 1.0.0)\n";
  expect(parseOtool(output, "/opt/bin")).toEqual([
    "/opt/bin/libllama.dylib",
    "/opt/lib/libllama.dylib",
    "/usr/lib/libSystem.B.dylib",
  ]);
});

test.runIf(process.platform === "linux")(
  "the libraries of a real executable are found through the loader",
  async () => {
    const root = await scratch();
    await mkdir(join(root, "bin"));
    await mkdir(join(root, "deep"));
    await writeFile(join(root, "lib.c"), "int llama(void) { return 1; }");
    await writeFile(join(root, "main.c"), "int llama(void); int main(void) { return llama(); }");
    const library = join(root, "deep", "libllama.so.0");
    await run("cc", ["-shared", "-fPIC", "-o", library, join(root, "lib.c")]);
    const tool = join(root, "bin", "llama-quantize");
    await run("cc", ["-o", tool, join(root, "main.c"), library, `-Wl,-rpath,${join(root, "deep")}`]);
    // A backend beside the library is loaded by name: the loader does not list it.
    await writeFile(join(root, "deep", "libggml-cuda.so"), "");
    await writeFile(join(root, "deep", "libother.so"), "");
    expect(await librariesOf(tool, process.env)).toEqual([join(root, "deep", "libggml-cuda.so"), library]);
  },
);

test("progress never goes back and ends at 1", () => {
  const events: Event[] = [];
  const report = buildProgress((event) => events.push(event));
  report("fetch");
  report("configure");
  for (const percent of [0, 3, 2, 50, 100, 100]) report("compile", percent);
  report("configure");
  report("check");
  const fractions = events.flatMap((event) => (event.type === "build" ? [event.fraction] : []));
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  expect(fractions.at(-1)).toBeLessThan(1);
});

test("the fraction rises with every percent", () => {
  const all = Array.from({ length: 101 }, (_, percent) => compileFraction(percent));
  expect(all.every((value, index) => index === 0 || value > (all[index - 1] ?? 1))).toBe(true);
  expect(all[0]).toBeGreaterThan(0);
  expect(all[100]).toBeLessThan(1);
});

test("the last percentage of some output counts", () => {
  expect(lastPercent("[  1%] Building\n[ 31%] Linking\nwarning: 99% of")).toBe(31);
  expect(lastPercent("[100%] Built target")).toBe(100);
  expect(lastPercent("nothing")).toBeUndefined();
});

const recipe: Recipe = {
  source: pinnedSource,
  options: commonOptions,
  compiler: "gcc 12",
  backend: "cpu",
  isa: "native:abc",
};

test("every part of a recipe changes the name of the build", () => {
  const names = [
    recipe,
    { ...recipe, compiler: "gcc 13" },
    { ...recipe, options: [...commonOptions, "GGML_LTO=ON"] },
    { ...recipe, source: { ...pinnedSource, integrity: "sha512-x" } },
    { ...recipe, isa: "x86-64-v3" },
    { ...recipe, backend: "cuda" as const },
  ].map(buildName);
  expect(new Set(names).size).toBe(names.length);
  expect(names[0]).toMatch(/^v0\.5\.0-cpu-native-abc-[0-9a-f]{12}$/);
});

test("a sealed file that was edited or torn reads as none", async () => {
  const path = join(await scratch(), "deep", "a.json");
  await writeSealed(path, { n: 1, left: undefined });
  expect(await readSealed(path)).toEqual({ n: 1 });
  const text = await readFile(path, "utf8");
  await writeFile(path, text.replace("1", "2"));
  expect(await readSealed(path)).toBeUndefined();
  await writeFile(path, text.slice(0, 10));
  expect(await readSealed(path)).toBeUndefined();
});

const tree = async (root: string): Promise<string> => {
  const directory = join(root, "tree", "deep");
  await mkdir(directory, { recursive: true });
  await writeFile(join(root, "tree", "CMakeCache.txt"), "");
  await writeFile(join(directory, "old.o"), "whole");
  await writeFile(join(directory, "new.o"), "cut sho");
  await utimes(join(directory, "old.o"), 1000, 1000);
  return directory;
};

test("a workspace that is gone on with loses the outputs that may be cut short", async () => {
  const root = join(await scratch(), "build");
  await openWorkspace(root);
  const directory = await tree(root);
  expect((await openWorkspace(root)).resumed).toBe(true);
  expect(await readdir(directory)).toEqual(["old.o"]);
});

test("after a restart of the machine nothing that was compiled is trusted", async () => {
  const root = join(await scratch(), "build");
  await openWorkspace(root);
  await tree(root);
  await writeFile(join(root, "boot"), "an earlier start");
  await writeFile(join(root, "package.tgz"), "kept, and verified anyway");
  expect((await openWorkspace(root)).resumed).toBe(false);
  expect((await readdir(root)).sort()).toEqual(["boot", "package.tgz"]);
});
