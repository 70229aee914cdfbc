import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync, chmodSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Answer } from "../../src/select/answer.ts";
import { fakeTools } from "../rig/fake-tools.ts";
import { Rig } from "../rig/rig.ts";
import { smallPipeline } from "../rig/small.ts";

let rig: Rig;
beforeAll(async () => {
  rig = new Rig();
  rig.write("small.yaml", smallPipeline.replace("tolerance: chat", "tolerance: { ppl: 20%, kld: 1 }"));
  expect((await rig.run("small.yaml", "--junit", "run.xml")).code).toBe(0);
});
afterAll(() => rig[Symbol.dispose]());

const folder = (): string => rig.path("out/small");
const answer = (): Answer => JSON.parse(rig.read("out/small/report.json")) as Answer;

/** A copy of the report of its own, with something changed in it. */
const copy = (name: string, change: (answer: Answer) => unknown = (same) => same): string => {
  mkdirSync(rig.path(name), { recursive: true });
  return rig.write(`${name}/report.json`, `${JSON.stringify(change(answer()), null, 2)}\n`);
};

describe("pipeline report", () => {
  test("finds everything as it is after a run, whose sums sha256sum takes", async () => {
    expect(execFileSync("sha256sum", ["-c", "SHA256SUMS"], { cwd: folder(), encoding: "utf8" })).toContain(
      "manifest.json: OK",
    );
    const { code, stdout } = await rig.exec("report", "--json");
    expect(code).toBe(0);
    const { files, ...rest } = JSON.parse(stdout) as { readonly files: readonly string[] };
    expect(rest).toEqual({ ok: true, directory: "out/small", changed: [] });
    expect(files).toEqual(
      expect.arrayContaining(["report.md", "README.md", "manifest.json", "report.html", "curve.svg"]),
    );
    expect(files.slice(-2)).toEqual(["reproduce.sh", "SHA256SUMS"]);
  });

  test("mends what was changed, and leaves what SHA256SUMS says of other files", async () => {
    const sums = rig.read("out/small/SHA256SUMS");
    rig.write("out/small/report.md", "changed");
    rmSync(rig.path("out/small/README.md"));
    const { code, stdout } = await rig.exec("report", "out/small/report.json");
    expect(code).toBe(0);
    expect(stdout).toBe("out/small: wrote report.md, README.md\n");
    expect(rig.read("out/small/SHA256SUMS")).toBe(sums);
    rig.sums("small");
  });

  test("makes the same bytes of a report alone, without store and tools", async () => {
    copy("elsewhere");
    const running = rig.start(["report", "elsewhere", "--junit", "elsewhere/junit.xml"], {
      LLAMA_CPP_DIR: "/nowhere",
      PIPELINE_CACHE: "/nowhere",
    });
    expect(await running.ended).toMatchObject({ code: 0, stderr: "" });
    for (const file of ["report.md", "README.md", "manifest.json", "report.html", "curve.svg"])
      expect(rig.read(`elsewhere/${file}`)).toBe(rig.read(`out/small/${file}`));
    expect(rig.read("elsewhere/junit.xml")).toBe(rig.read("run.xml"));
    // Only this one knows where the model lies on the machine of the run.
    expect(rig.read("elsewhere/reproduce.sh")).not.toBe(rig.read("out/small/reproduce.sh"));
    execFileSync("sha256sum", ["-c", "--quiet", "SHA256SUMS"], { cwd: rig.path("elsewhere") });
    rmSync(rig.path("elsewhere"), { recursive: true });
  });

  test.each<[string, string, string]>([
    ["no JSON", '{"schemaVersion": 4', "it is no whole JSON"],
    ["another JSON", '{"name": "x"}', "it has no schemaVersion"],
    ["a newer one", '{"schemaVersion": 99}', "it has schema 99, this program reads 4; take a newer one"],
    ["an older one", '{"schemaVersion": 3}', "it has schema 3, this program reads 4; run again: pipeline run FILE"],
    ["a part", '{"schemaVersion": 4, "pipeline": "../../x"}', "its pipeline is not as a run writes it"],
  ])("%s is told in one line, and nothing is written", async (_, text, message) => {
    rig.write("odd/report.json", text);
    const { code, stderr } = await rig.exec("report", "odd");
    expect(code).toBe(2);
    expect(stderr.split("\n")[0]).toContain(`odd/report.json is no report of this version`);
    expect(stderr.split("\n")[0]).toContain(message);
    expect(readdirSync(rig.path("odd"))).toEqual(["report.json"]);
    rmSync(rig.path("odd"), { recursive: true });
  });

  test("where there is none, and where there are several, says what to do", async () => {
    expect((await rig.exec("report", "nowhere")).stderr).toContain("run first: pipeline run FILE");
    expect((await rig.exec("report", "nowhere/report.json")).stderr).toContain("it does not exist (ENOENT)");
    copy("many/a");
    copy("many/b");
    expect((await rig.exec("report", "many")).stderr).toContain(
      "name one of them: many/a/report.json, many/b/report.json",
    );
    expect((await rig.exec("report", "--markdown")).code).toBe(2);
    expect((await rig.exec("report", "--compare", "x", "--junit", "y")).code).toBe(2);
  });

  test("--open gives the report to the desktop's program, and says so where there is none", async () => {
    mkdirSync(rig.path("bin"), { recursive: true });
    writeFileSync(
      rig.path("bin/xdg-open"),
      `#!/bin/sh\nprintf '%s' "$1" >'${rig.path("opened.tmp")}'\nmv '${rig.path("opened.tmp")}' '${rig.path("opened")}'\n`,
    );
    chmodSync(rig.path("bin/xdg-open"), 0o755);
    const path = `${rig.path("bin")}:${process.env["PATH"] ?? ""}`;
    expect((await rig.start(["report", "--open"], { PATH: path }).ended).code).toBe(0);
    await rig.untilFile(rig.path("opened"));
    expect(readFileSync(rig.path("opened"), "utf8")).toBe("out/small/report.html");
    const without = await rig.start(["report", "--open"], { PATH: rig.path("nothing") }).ended;
    expect(without.code).toBe(2);
    expect(without.stderr).toContain("--open found no program to show out/small/report.html");
  });
});

describe("pipeline report --compare", () => {
  const changed = (name: string, change: (answer: Answer) => unknown): string[] => {
    copy(name, change);
    return ["report", "--compare", "out", name];
  };

  test("with itself finds nothing", async () => {
    expect(await rig.exec("report", "--compare", "out/small/report.json")).toMatchObject({
      code: 0,
      stdout: "small: no regression, and the same verdicts\n",
    });
  });

  test("a lost PASS exits with 5, in each form", async () => {
    const args = changed("lost", (now) => ({
      ...now,
      choice: null,
      candidates: now.candidates.map((each) => ({ ...each, verdict: "UNDECIDED" })),
    }));
    const text = await rig.exec(...args);
    expect(text.code).toBe(5);
    expect(text.stdout).toMatch(/^small: 3 regressions\n/);
    const json = await rig.exec(...args, "--json");
    expect(json.code).toBe(5);
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: false,
      exitCode: 5,
      comparable: true,
      regressions: [{ code: "nothing-certified" }, { code: "pass-lost" }, { code: "pass-lost" }],
    });
    const markdown = await rig.exec(...args, "--markdown");
    expect(markdown.code).toBe(5);
    expect(markdown.stdout).toMatch(/^## small: 3 regressions\n\n### Regressions\n\n- nothing is certified any more/);
  });

  test("a really changed corpus and tolerance are named", async () => {
    cpSync(folder(), rig.path("base"), { recursive: true });
    rig.edit("small.yaml", "seed: 3", "seed: 4");
    expect((await rig.run("small.yaml")).code).toBe(0);
    const corpus = await rig.exec("report", "--compare", "base", "--json");
    expect(corpus.code === 0 || corpus.code === 5).toBe(true);
    const { changes } = JSON.parse(corpus.stdout) as { readonly changes: readonly { readonly what: string }[] };
    expect(changes.map(({ what }) => what)).toEqual(
      expect.arrayContaining(["seed", "calibration texts", "held-out texts", "importance matrix"]),
    );
    rig.edit("small.yaml", "ppl: 20%", "ppl: 15%");
    await rig.run("small.yaml");
    const tolerance = await rig.exec("report", "--compare", "base");
    expect(tolerance.code).toBe(0);
    expect(tolerance.stdout).toContain("not comparable");
    expect(tolerance.stdout).toContain("tolerance on medical text: ppl 0.2, kld 1 → ppl 0.15, kld 1");
  });

  test("another llama.cpp is named, with both versions", async () => {
    cpSync(folder(), rig.path("before"), { recursive: true });
    const newer = `if [ "$1" = --version ]; then "$real" --version 2>&1 | sed "s/0[.]5[.]0/0.6.0/"; exit 0; fi`;
    const tools = fakeTools(rig, "llama-perplexity", 'exec "$real" "$@"', newer);
    expect((await rig.run("small.yaml", "--llama-cpp", tools)).code).toBe(0);
    const compared = await rig.exec("report", "--compare", "before");
    expect(compared.code, compared.stderr).toBe(0);
    expect(compared.stdout).toMatch(/llama\.cpp version: .*0\.5\.0.* → .*0\.6\.0/);
  });

  test("a base that is none is told as such", async () => {
    rig.write("odd/report.json", "[]");
    const { code, stderr } = await rig.exec("report", "--compare", join("odd", "report.json"));
    expect(code).toBe(2);
    expect(stderr).toContain("odd/report.json is no report of this version");
  });
});
