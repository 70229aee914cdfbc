import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { Rig } from "../rig/rig.ts";
import { smallPipeline } from "../rig/small.ts";
import { hostileAnswer } from "../report/hostile.ts";
import { answerOf, iq2, iq3 } from "../report/answers.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const read = (file: string): string => readFileSync(`${repository}/${file}`, "utf8");

interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly uses?: string;
  readonly shell?: string;
  readonly if?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}
interface Action {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, { readonly description: string; readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}
const action = parse(read("action.yml")) as Action;

let rig: Rig;
beforeAll(() => {
  rig = new Rig();
  rig.write("small.yaml", smallPipeline.replace("tolerance: chat", "tolerance: { ppl: 20%, kld: 1 }"));
  rig.write(
    "sub/bad.yaml",
    smallPipeline.replace("Q4_K_M", "Q4_KM").replaceAll("models/", "../models/").replaceAll("corpora/", "../corpora/"),
  );
});
afterAll(() => rig[Symbol.dispose]());

/** What a job gives every step. */
const job = (): Record<string, string> => ({
  ...rig.environment(),
  GITHUB_ACTIONS: "true",
  GITHUB_WORKSPACE: rig.folder,
  GITHUB_OUTPUT: rig.path("output"),
  GITHUB_STEP_SUMMARY: rig.path("summary"),
  RUNNER_TEMP: rig.path("temp"),
});

/** Runs a step of the action as GitHub does, with what its expressions stand for. */
const runStep = async (id: string, values: Readonly<Record<string, string>>, extra: Record<string, string> = {}) => {
  const step = action.runs.steps.find((each) => each.id === id);
  const env = Object.entries(step?.env ?? {}).map(([name, text]): [string, string] => [
    name,
    text.replaceAll(/\$\{\{ ([\w.]+) \}\}/g, (_, expression: string) => values[expression] ?? ""),
  ]);
  const script = rig.write(`${id}.sh`, step?.run ?? "exit 9");
  return promisify(execFile)("bash", ["--noprofile", "--norc", "-eo", "pipefail", script], {
    cwd: rig.folder,
    env: { ...job(), ...Object.fromEntries(env), ...extra },
  });
};

/** What a step has put into GITHUB_OUTPUT. */
const outputs = (): Record<string, string> => {
  const lines = rig.read("output").split("\n");
  const found: Record<string, string> = {};
  for (let index = 0; index < lines.length; index += 1) {
    const [, name = "", end] = /^(\w+)(?:<<(.*)|=.*)$/.exec(lines[index] ?? "") ?? [];
    if (end === undefined) found[name] = lines[index]?.slice(name.length + 1) ?? "";
    else {
      const last = lines.indexOf(end, index + 1);
      found[name] = lines.slice(index + 1, last).join("\n");
      index = last;
    }
  }
  return found;
};

describe("action.yml", () => {
  test("describes every input and output, and docs/ci.md explains each", () => {
    const docs = read("docs/ci.md");
    for (const [name, { description }] of Object.entries({ ...action.inputs, ...action.outputs })) {
      expect(description.length).toBeGreaterThan(10);
      expect(docs, name).toMatch(new RegExp(`\\n\\| \`${name}\` +\\|`));
    }
    expect(Object.keys(action.inputs)).toEqual(["pipeline", "version", "cache", "args"]);
    expect(action.runs.using).toBe("composite");
  });

  test("puts no expression into a script, where a value could be a command", () => {
    for (const { run, shell, uses } of action.runs.steps) {
      expect(run ?? "").not.toContain("${{");
      expect(run === undefined ? "uses" : shell).toBe(run === undefined ? "uses" : "bash");
      expect(run === undefined || uses === undefined).toBe(true);
    }
  });

  test("the examples of docs/ci.md are YAML, and give the action inputs that it has", () => {
    const examples = [...read("docs/ci.md").matchAll(/```yaml\n(.*?)```/gs)].map(
      ([, text]) => parse(text ?? "") as unknown,
    );
    expect(examples).toHaveLength(2);
    const { jobs } = examples[0] as {
      readonly jobs: { readonly quant: { readonly steps: readonly (Step & { with?: object })[] } };
    };
    const used = jobs.quant.steps.find(({ uses }) => uses?.includes("gguf-pipeline") === true);
    expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(used?.with ?? { none: 1 })));
  });
});

describe("the steps of the action", () => {
  test("install builds the program of the action only where it is not built, or takes a version", async () => {
    rig.write("bin/npm", `#!/bin/sh\nprintf '%s\\n' "$*" >>'${rig.path("npm")}'\n`);
    chmodSync(rig.path("bin/npm"), 0o755);
    const extra = { PATH: `${rig.path("bin")}:${process.env["PATH"] ?? ""}` };
    await runStep("install", { "github.action_path": repository.replace(/\/$/, "") }, extra);
    expect(outputs()["bin"]).toBe(`${repository}dist/bin.js`);
    expect(existsSync(rig.path("npm"))).toBe(false);
    await runStep("install", { "github.action_path": rig.path("fresh") }, extra);
    await runStep("install", { "github.action_path": repository, "inputs.version": "1.2.3; x" }, extra);
    expect(rig.read("npm").split("\n")).toEqual([
      `ci --prefix ${rig.path("fresh")}`,
      `install --no-save --prefix ${rig.path("temp/gguf-pipeline")} gguf-pipeline@1.2.3; x`,
      "",
    ]);
  });

  test("run keeps its store in the cache, gives outputs and appends a summary", async () => {
    rig.write("summary", "what another command wrote\n");
    await runStep("run", {
      "steps.install.outputs.bin": `${repository}dist/bin.js`,
      "inputs.pipeline": "small.yaml",
      "inputs.cache": ".pipeline-cache",
      "inputs.args": "--jobs 1\n  --junit junit.xml",
    });
    expect(existsSync(rig.path(".pipeline-cache/store/store-v1/objects"))).toBe(true);
    expect(rig.read("junit.xml")).toContain('<testsuites name="small"');
    const { quant = "", file, report, directory } = outputs();
    expect([quant, file]).toEqual(["Q4_K_M", rig.path("out/small/small-Q4_K_M.gguf")]);
    expect([report, directory]).toEqual([rig.path("out/small/report.json"), rig.path("out/small")]);
    expect(rig.read("summary")).toMatch(/^what another command wrote\n## small: Q4_K_M\n\n\*\*small-Q4_K_M\.gguf\*\*/);
  });
});

describe("on GitHub", () => {
  test("a mistake is marked in its line, with the path from the repository, also with --json", async () => {
    for (const more of [[], ["--json"]]) {
      const ended = await rig.start(["run", "sub/bad.yaml", ...more], job()).ended;
      expect(ended.code).toBe(2);
      expect(ended.stderr).toMatch(
        /^::error file=sub\/bad\.yaml,line=10,endLine=10,col=\d+,endColumn=\d+,title=pipeline::/m,
      );
      expect(ended.stdout).not.toContain("::error");
    }
    expect((await rig.start(["check", "sub/bad.yaml"]).ended).stderr).not.toContain("::error");
  });

  test("a run that cannot begin has its JUnit file as well", async () => {
    const ended = await rig.start(["run", "sub/bad.yaml", "--junit", "early/junit.xml"], job()).ended;
    expect(ended.code).toBe(2);
    expect(rig.read("early/junit.xml")).toContain(
      '<testcase name="failure 1: invalid-pipeline" classname="bad"><error',
    );
    expect(rig.read("summary")).toContain("**error** the pipeline has 1 mistake\n");
    rig.write("file", "");
    const nowhere = await rig.start(["run", "small.yaml", "--cache", "store", "--junit", "file/junit.xml"], job())
      .ended;
    expect(nowhere.code).toBe(1);
    expect(nowhere.stderr).toContain("file/.: a part of the path is no directory (ENOTDIR)");
    expect((await rig.exec("run", "small.yaml", "--junit", "sub")).stderr).toContain(
      "--junit sub is a directory; name a file",
    );
    expect(readdirSync(rig.path("store/store-v1/runs"))).toEqual([]);
  });

  test("a regression and nothing certified are errors, and the comparison is in the summary", async () => {
    mkdirSync(rig.path("none"), { recursive: true });
    rig.write("none/report.json", JSON.stringify(answerOf([iq3, iq2])));
    rig.write("summary", "");
    const shown = await rig.start(["report", "none"], job()).ended;
    expect(shown.stderr).toMatch(/^::error title=pipeline%3A nothing certified::No type was shown to stay within/);
    const compared = await rig.start(["report", "none", "--compare", "out/small"], job()).ended;
    expect(compared.stderr).toMatch(/^::warning title=pipeline::the two reports cannot be compared/);
    expect(rig.read("summary")).toMatch(/## medical: no quant passed\n.*## medical: not comparable/s);
  });

  test("a summary that is nearly full, or cannot be written, changes no exit code", async () => {
    rig.write("summary", "x".repeat(899_900));
    expect((await rig.start(["report", "out/small"], job()).ended).code).toBe(0);
    expect(rig.read("summary").length).toBeLessThanOrEqual(900_000);
    const lost = { ...job(), GITHUB_STEP_SUMMARY: rig.path("nowhere/summary"), GITHUB_OUTPUT: "" };
    const ended = await rig.start(["report", "out/small"], lost).ended;
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain("warning: ENOENT");
  });

  test("a report of hostile names is refused before anything is made of it", async () => {
    mkdirSync(rig.path("hostile"), { recursive: true });
    rig.write("hostile/report.json", JSON.stringify(hostileAnswer()));
    const ended = await rig.start(["report", "hostile"], job()).ended;
    expect(ended.code).toBe(2);
    expect(existsSync(rig.path("hostile/README.md"))).toBe(false);
  });
});
