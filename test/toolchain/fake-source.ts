import { execFile } from "node:child_process";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { ok } from "../../src/base/result.ts";
import { hashFile } from "../../src/run/toolchain/file-facts.ts";
import type { Source } from "../../src/run/toolchain/source.ts";
import { buildEnvironment } from "../../src/run/toolchain/environment.ts";

const run = promisify(execFile);

/** A C program that answers as all four tools do. `__FILE__` shows whether the build directory reaches the bytes. */
const program = String.raw`
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(int argc, char ** argv) {
  const char * flag = argc > 1 ? argv[1] : "";
  if (!strcmp(flag, "--version")) fprintf(stderr, "version: VERSION (build 1, commit abc)\n");
  else if (!strcmp(flag, "--list-devices")) printf("Available devices:\n  %s\n", getenv("FAKE_CARD") ? getenv("FAKE_CARD") : "(none)");
  else if (!strcmp(flag, "--file")) printf("%s\n", __FILE__);
  else printf("--in-file --output-format --log-jsonl --dry-run --kl-divergence-base --ppl-output-type --ids\n");
  return 0;
}`;

/** One target a tool; make runs the script `slow` before them. */
const cmakeLists = (slow: string): string => `
cmake_minimum_required(VERSION 3.14)
project(fake C CXX)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY \${CMAKE_BINARY_DIR}/bin)
add_custom_command(OUTPUT first.c COMMAND sh "${slow}" COMMAND cmake -E copy \${CMAKE_SOURCE_DIR}/empty.c first.c VERBATIM)
add_library(first STATIC first.c)
foreach(tool llama-imatrix llama-quantize llama-perplexity llama-tokenize)
  add_executable(\${tool} tool.c)
  target_link_libraries(\${tool} first)
endforeach()
`;

export interface FakeSourceOptions {
  readonly version?: string;
  /** Shell script that make runs first. */
  readonly slow?: string;
  /** Replaces the C program. */
  readonly program?: string;
}

/** A package like the pinned one, with a tiny project in place of llama.cpp. `fetches` counts how often it was fetched. */
export const fakeSource = async (
  directory: string,
  options: FakeSourceOptions = {},
): Promise<Source & { fetches: number }> => {
  const sources = join(directory, "sources");
  const bundle = join(directory, "package", "llama", "gitRelease.bundle");
  const slow = join(directory, "slow.sh");
  await mkdir(sources, { recursive: true });
  await mkdir(join(directory, "package", "llama"), { recursive: true });
  await writeFile(slow, options.slow ?? "");
  await writeFile(join(sources, "CMakeLists.txt"), cmakeLists(slow));
  await writeFile(join(sources, "tool.c"), options.program ?? program.replace("VERSION", options.version ?? "0.5.0"));
  await writeFile(join(sources, "empty.c"), "int nothing;\n");
  await writeFile(join(sources, "LICENSE"), "MIT\n");
  const git = (...argv: string[]) => run("git", argv, { cwd: sources, env: buildEnvironment(process.env) });
  await git("init", "--quiet");
  await git("add", ".");
  await git("-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "--quiet", "-m", "x");
  await git("checkout", "--quiet", "--detach");
  await git("bundle", "create", bundle, "HEAD");
  const tarball = join(directory, "fake.tgz");
  await run("tar", ["-czf", tarball, "-C", directory, "package"]);
  const integrity = `sha512-${await hashFile(tarball, "sha512", "base64")}`;
  const source = {
    pin: { package: "fake", version: "1.0.0", integrity, tag: "v0.5.0" },
    fetches: 0,
    fetch: async (target: string) => {
      source.fetches += 1;
      await copyFile(tarball, join(target, "fake.tgz"));
      return ok(join(target, "fake.tgz"));
    },
  };
  return source;
};
