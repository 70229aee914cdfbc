import { join } from "node:path";
import { expect, test } from "vitest";
import { examine, type ExamineOptions } from "../../src/run/toolchain/doctor.ts";
import type { Finding } from "../../src/run/toolchain/machine.ts";
import { executable, fakeTools, scratch } from "./fake-tools.ts";

const options = async (more: Partial<ExamineOptions> = {}): Promise<ExamineOptions> => ({
  env: process.env,
  pathDirs: [],
  versionRange: ">=0.5",
  backend: "auto",
  cacheDir: join(await scratch(), "not", "there"),
  ...more,
});

const about = (findings: readonly Finding[], subject: string): readonly Finding[] =>
  findings.filter((finding) => finding.subject === subject);

test("a machine with tools is usable, and everything was looked at", async () => {
  const root = await scratch();
  const old = await fakeTools(join(root, "old"), { version: "4567 (abc)" });
  const good = await fakeTools(join(root, "good"));
  const { findings, usable } = await examine(await options({ pathDirs: [old, good] }));
  expect(usable).toBe(true);
  expect(new Set(findings.map(({ subject }) => subject))).toEqual(
    new Set([
      "Node",
      "llama.cpp tools",
      "cmake",
      "make",
      "c++",
      "cc",
      "git",
      "npm",
      "tar",
      "disk of the cache",
      "memory",
      "cores",
      "GPU",
    ]),
  );
  expect(about(findings, "llama.cpp tools")).toEqual([
    {
      subject: "llama.cpp tools",
      status: "ok",
      detail: expect.stringMatching(
        /^0\.5\.0-dev \(build 1, commit de3ff81\) in .*good \(path\), cpu, native:/,
      ) as string,
    },
    {
      subject: "llama.cpp tools",
      status: "warning",
      detail: `skipped PATH ${old}: llama.cpp build 4567 (abc) is too old: >=0.5 is wanted`,
    },
  ]);
});

test("a machine without tools is not usable, and one line mends it", async () => {
  const { findings, usable } = await examine(await options());
  expect(usable).toBe(false);
  const missing = findings.filter(({ status }) => status === "missing");
  expect(missing.map(({ remedy }) => remedy)).toEqual(["pipeline toolchain install"]);
});

test("build tools that are not there are missing only while they are needed", async () => {
  const root = await scratch();
  const good = await fakeTools(join(root, "good"));
  const env = { PATH: join(root, "empty") };
  const needed = await examine(await options({ env }));
  expect(about(needed.findings, "cmake")).toEqual([
    {
      subject: "cmake",
      status: "missing",
      detail: "not found; needed to build llama.cpp",
      remedy: expect.stringMatching(/install.*cmake|cmake/) as string,
    },
  ]);
  const spare = await examine(await options({ env, option: good }));
  expect(about(spare.findings, "cmake")).toMatchObject([{ status: "warning" }]);
  expect(spare.usable).toBe(true);
});

test("an old Node is told", async () => {
  const good = await fakeTools(await scratch());
  const { findings, usable } = await examine(await options({ option: good, nodeVersion: "20.20.2" }));
  expect(usable).toBe(false);
  expect(about(findings, "Node")).toMatchObject([
    { status: "missing", detail: "20.20.2 is too old: >=22.15 is needed" },
  ]);
});

test("a named directory that cannot be used is told with what to do", async () => {
  const named = await fakeTools(await scratch(), { tools: { "llama-quantize": null } });
  const { findings, usable } = await examine(await options({ option: named }));
  expect(usable).toBe(false);
  expect(about(findings, "llama.cpp tools")).toEqual([
    {
      subject: "llama.cpp tools",
      status: "missing",
      detail: `--llama-cpp ${named}: llama-quantize is missing`,
      remedy: "pipeline toolchain install, and leave --llama-cpp out",
    },
  ]);
});

test("the cards are named", async () => {
  const bin = await scratch();
  await executable(join(bin, "nvidia-smi"), "echo 'NVIDIA H200, 9.0'");
  const { findings } = await examine(await options({ env: { PATH: bin } }));
  expect(about(findings, "GPU")).toMatchObject([{ detail: "NVIDIA H200 (compute capability 9.0)" }]);
});
