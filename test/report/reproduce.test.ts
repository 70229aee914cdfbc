import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sha256 } from "../../src/base/canonical.ts";
import { stepId } from "../../src/base/ids.ts";
import { formatReproduceScript } from "../../src/report/reproduce.ts";
import { quote } from "../../src/report/shell.ts";
import type { Answer, Command } from "../../src/select/answer.ts";
import { answerOf, iq3, q4, q8 } from "./answers.ts";

const modelText = "the model\n";
const quantText = `quantized ${modelText}`;

const commands: readonly Command[] = [
  {
    step: stepId("imatrix/notes"),
    tool: "llama-imatrix",
    argv: ["-m", "model.gguf", "-f", 'it\'s $(touch pwned) `x` "q" \\.txt', "-t", "{threads}"],
    inputs: {
      "model.gguf": { from: "model" },
      'it\'s $(touch pwned) `x` "q" \\.txt': { from: "corpus", file: "calibration-notes.txt" },
    },
    outputs: { "imatrix.gguf": null },
  },
  {
    step: stepId("quantize/Q4_K_M"),
    tool: "llama-quantize",
    argv: ["--imatrix", "imatrix.gguf", "./model.gguf", "./quant.gguf", "Q4_K_M", "{threads}"],
    inputs: {
      "model.gguf": { from: "model" },
      "imatrix.gguf": { from: "command", step: stepId("imatrix/notes"), file: "imatrix.gguf" },
    },
    outputs: { "quant.gguf": sha256(quantText) },
  },
  {
    step: stepId("validate/Q4_K_M/1"),
    tool: "llama-perplexity",
    argv: ["-m", "quant.gguf", "--kl-divergence"],
    inputs: { "quant.gguf": { from: "command", step: stepId("quantize/Q4_K_M"), file: "quant.gguf" } },
    outputs: {},
  },
];

/** Tools of a line or two; each also prints its environment and its arguments, one a line. */
const tools: Readonly<Record<string, string>> = {
  "llama-imatrix": 'cat model.gguf "$4" >imatrix.gguf',
  "llama-quantize": "{ printf 'quantized '; cat model.gguf; } >quant.gguf",
  "llama-perplexity": "echo 'Mean PPL(Q): 12.3'",
};

const base = answerOf([q8, q4, iq3]);
const answer: Answer = {
  ...base,
  choice: { type: "Q4_K_M", file: "medical-Q4_K_M.gguf", bytes: quantText.length, sha256: sha256(quantText) },
  model: { ...base.model, sha256: sha256(modelText) },
  reproduce: commands,
};

let root = "";
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "reproduce it's ")));
  mkdirSync(join(root, "out/corpus"), { recursive: true });
  for (const folder of ["bin", "models", "empty"]) mkdirSync(join(root, folder));
  writeFileSync(join(root, "models/pocket.gguf"), modelText);
  writeFileSync(join(root, "out/corpus/calibration-notes.txt"), "text\n");
  for (const [name, body] of Object.entries(tools)) writeTool(name, body);
  writeScript(answer);
});
afterEach(() => rmSync(root, { recursive: true }));

const writeTool = (name: string, body: string): void =>
  writeFileSync(join(root, "bin", name), `#!/bin/sh\nset -e\nenv\nprintf '<%s>\\n' "$@"\n${body}\n`, { mode: 0o755 });

const writeScript = (of: Answer): void =>
  writeFileSync(join(root, "out/reproduce.sh"), formatReproduceScript(of, { model: "../models/pocket.gguf" }));

const reproduce = (
  argv: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } =>
  spawnSync("sh", ["../out/reproduce.sh", ...argv], {
    cwd: join(root, "empty"),
    env: { PATH: process.env["PATH"], LLAMA_CPP_DIR: join(root, "bin"), THREADS: "3", ...env },
    encoding: "utf8",
  });

const printed = (step: string): string => readFileSync(join(root, "empty/work", step, "output.txt"), "utf8");

describe("reproduce.sh", () => {
  test("is a valid POSIX script", () => {
    expect(execFileSync("sh", ["-n", join(root, "out/reproduce.sh")], { encoding: "utf8" })).toBe("");
  });

  test("repeats the commands with their exact arguments and files, and compares digests", () => {
    const { status, stdout, stderr } = reproduce();
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(stdout.replaceAll(root, "ROOT")).toMatchInlineSnapshot(`
      "[1/3] imatrix/notes: llama-imatrix -m model.gguf -f it's $(touch pwned) \`x\` "q" \\.txt -t 3
      [2/3] quantize/Q4_K_M: llama-quantize --imatrix imatrix.gguf ./model.gguf ./quant.gguf Q4_K_M 3
          quant.gguf has the recorded SHA-256
      [3/3] validate/Q4_K_M/1: llama-perplexity -m quant.gguf --kl-divergence
          quant.gguf has the recorded SHA-256

      ROOT/empty/work/quantize+Q4_K_M/quant.gguf is medical-Q4_K_M.gguf, byte for byte:
        d60dc1c60307a93341aaa9d6fa51c586664e7e54f801862ebd55d2ff27ab0824

      Perplexity and KL divergence, as printed, are in:
        ROOT/empty/work/validate+Q4_K_M+1/output.txt
      "
    `);
    expect(printed("imatrix+notes")).toContain('<it\'s $(touch pwned) `x` "q" \\.txt>\n<-t>\n<3>\n');
    expect(printed("validate+Q4_K_M+1")).toContain("Mean PPL(Q): 12.3");
  });

  test("scrubs the environment", () => {
    reproduce([], { LLAMA_ARG_CTX_SIZE: "1", GGML_CUDA_FORCE_MMQ: "1", GGML_VK_VISIBLE_DEVICES: "0", LC_ALL: "de_DE" });
    const text = printed("quantize+Q4_K_M");
    expect(text).not.toMatch(/LLAMA_ARG|GGML_CUDA/);
    for (const line of ["OMP_WAIT_POLICY=passive", "LC_ALL=C", "GGML_NO_BACKTRACE=1", "GGML_VK_VISIBLE_DEVICES=0"])
      expect(text).toContain(`${line}\n`);
    expect(text).toContain(`XDG_CONFIG_HOME=${join(root, "empty/work/.config")}\n`);
  });

  test("takes another model file and tools from PATH", () => {
    cpSync(join(root, "models/pocket.gguf"), join(root, "empty/my model.gguf"));
    const path = `${join(root, "bin")}:${process.env["PATH"]}`;
    expect(reproduce(["my model.gguf"], { LLAMA_CPP_DIR: "", PATH: path }).status).toBe(0);
  });

  test.each([
    ["the model is not there", () => rmSync(join(root, "models/pocket.gguf")), /no model at/],
    ["the model differs", () => writeFileSync(join(root, "models/pocket.gguf"), "x"), /is not the recorded model/],
    ["the folder is not empty", () => mkdirSync(join(root, "empty/work")), /work exists already/],
    ["a tool is missing", () => rmSync(join(root, "bin/llama-quantize")), /cannot be run/],
    [
      "a tool fails",
      () => writeTool("llama-quantize", "exit 7"),
      /llama-quantize failed in quantize\/Q4_K_M with exit code 7/,
    ],
    [
      "a file differs",
      () => writeTool("llama-quantize", "echo x >quant.gguf"),
      /quant\.gguf of quantize\/Q4_K_M differs/,
    ],
    ["a file is not written", () => writeTool("llama-imatrix", ":"), /did not write imatrix\.gguf/],
  ])("fails loudly when %s", (_, spoil, message) => {
    spoil();
    const { status, stdout, stderr } = reproduce();
    expect(status).toBe(1);
    expect(stderr).toMatch(message);
    expect(stdout).not.toContain("byte for byte");
  });

  test("no name of the answer gets out of its quotes or its comment", () => {
    const evil = "x'; touch pwned; '\ntouch pwned\n$(touch pwned)`touch pwned`";
    writeScript({
      ...answer,
      pipeline: evil,
      choice: { ...answer.choice!, file: evil },
      llamaCpp: { ...answer.llamaCpp, version: evil },
      reproduce: commands.map((command) => ({ ...command, argv: [...command.argv, evil] })),
    });
    expect(reproduce().status).toBe(0);
    expect(execFileSync("find", [root, "-name", "pwned"], { encoding: "utf8" })).toBe("");
    expect(printed("quantize+Q4_K_M")).toContain(`<${evil}>\n`);
  });

  test("a file name with a folder is a bug", () => {
    const bad = [{ ...commands[0]!, inputs: { "../x": { from: "model" as const } } }];
    expect(() => formatReproduceScript({ ...answer, reproduce: bad }, { model: "m" })).toThrow(/Internal error/);
  });
});

test("quote gives any text back", () => {
  for (const text of ["", "a b", "it's", "''", '$x `y` \\ "z" \n*?[', "-n", "ümläut 名前"])
    expect(execFileSync("sh", ["-c", `printf '%s' ${quote(text)}`], { encoding: "utf8" })).toBe(text);
  expect(() => quote("\0")).toThrow(/Internal error/);
});
