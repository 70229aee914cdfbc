import { describe, expect, it } from "vitest";
import { toolEnvironment } from "../../src/llama/env.ts";
import { parseVersion } from "../../src/llama/version.ts";
import { fixture } from "./fixture.ts";

describe("parseVersion", () => {
  it("reads what the real tool prints", () => {
    expect(parseVersion(fixture("version.stderr.txt").toString())).toEqual({
      text: "0.5.0-dev (build 1, commit de3ff81)",
      number: "0.5.0",
      build: 1,
      commit: "de3ff81",
      compiler: "GNU 12.2.0 for Linux x86_64",
    });
  });

  it("finds the line among others, and reads the form of before August 2026", () => {
    expect(parseVersion("ggml_cuda_init: found 1 device\nversion: 6123 (79c1160b)\nbuilt with cc for x\n")).toEqual({
      text: "6123 (79c1160b)",
      number: "0.0.0",
      build: 6123,
      commit: "79c1160b",
      compiler: "cc for x",
    });
    expect(parseVersion("version: 0 (unknown)\n")).toEqual({ text: "0 (unknown)", number: "0.0.0", build: 0 });
  });

  it("finds none in something else", () => {
    expect(parseVersion("usage: llama-quantize [--help]")).toBeUndefined();
  });
});

describe("toolEnvironment", () => {
  it("lets through what is needed and nothing that sets a flag or a numerical path", () => {
    const base = {
      PATH: "/bin",
      HOME: "/root",
      CUDA_VISIBLE_DEVICES: "1",
      LLAMA_ARG_CTX_SIZE: "64",
      GGML_CUDA_FORCE_MMQ: "1",
      OMP_WAIT_POLICY: "active",
      OMP_NUM_THREADS: "1",
      LC_ALL: "de_DE",
      XDG_CONFIG_HOME: "/home/ada/.config",
      HF_TOKEN: "secret",
      TMPDIR: undefined,
    };
    expect(toolEnvironment(base, "/empty")).toEqual({
      PATH: "/bin",
      HOME: "/root",
      CUDA_VISIBLE_DEVICES: "1",
      LC_ALL: "C",
      XDG_CONFIG_HOME: "/empty",
      OMP_WAIT_POLICY: "passive",
      GGML_NO_BACKTRACE: "1",
    });
  });
});
