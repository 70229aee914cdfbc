import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, rmSync, statSync } from "node:fs";
import { expect, test } from "vitest";
import type { Answer } from "../../src/select/answer.ts";
import { Rig, stepsThat } from "../rig/rig.ts";
import { smallPipeline } from "../rig/small.ts";

const withFit = (fit: string): string => `${smallPipeline}fit: ${fit}\n`;
const answerIn = (rig: Rig): Answer => JSON.parse(rig.read("out/small/report.json")) as Answer;

/** Paths of all numbers, with `[]` for places in lists. */
const numbersOf = (value: unknown, path: string): string[] => {
  if (typeof value === "number") return [path];
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((each) => numbersOf(each, `${path}[]`));
  return Object.entries(value).flatMap(([name, each]) => numbersOf(each, `${path}.${name}`));
};

test("a run says how long a context fits, loads it, and leaves the files that make it run", async () => {
  using rig = new Rig();
  rig.write("small.yaml", withFit("{ gpu: rtx-4060, context: { min: 256 }, verify: true }"));
  const ended = await rig.run("small.yaml");
  expect(ended.code, ended.stderr).toBe(0);
  expect(ended.steps.get("fit")).toBe("done");
  const { fit, choice, origins } = answerIn(rig);
  expect(fit).toMatchObject({
    card: { device: "rtx-4060", grade: "A" },
    wish: { kv: ["f16", "q8_0"] },
    validated: { context: 128, kv: "f16" },
    choice: { type: "Q4_K_M", file: choice?.file, loading: { kv: "f16", context: 512, limit: "trained", fits: true } },
    larger: [{ type: "Q8_0", perSequence: 512 }],
    verification: { by: "processor", within: true },
  });
  const all = fit?.verification?.rows.at(-1);
  expect(Math.abs((all?.measured ?? 0) - (all?.predicted ?? 1e9))).toBeLessThanOrEqual(2 * 1024 ** 2);
  expect(origins).toMatchObject({
    "fit.choice.loading.context": "estimated",
    "fit.verification.rows[].measured": "measured",
  });

  expect(numbersOf(fit, "fit").filter((path) => !(path in origins))).toEqual([]);

  const report = rig.read("out/small/report.md");
  expect(report).toContain("## Memory and context");
  expect(report).toContain("it was certified at n_ctx 128 with a cache in f16, and this was not validated.");
  expect(report).toContain("quality for nothing");
  const explained = await rig.exec("explain", "Q8_0", "small.yaml");
  expect(explained.stdout.replaceAll(/\s+/g, " ")).toContain("it leaves room for 512 tokens with the cache in f16");

  expect([...rig.sums("small").keys()]).toEqual(expect.arrayContaining(["Modelfile", "run-llama-server.sh"]));
  expect(rig.read("out/small/Modelfile")).toContain(`FROM ./${choice?.file}\nPARAMETER num_ctx 512\n`);
  expect(statSync(rig.path("out/small/run-llama-server.sh")).mode & 0o111).toBe(0o111);

  // Both are made of the answer alone.
  const made = ["Modelfile", "run-llama-server.sh"].map((name) => [name, rig.read(`out/small/${name}`)] as const);
  for (const [name] of made) rmSync(rig.path("out/small", name));
  expect((await rig.exec("report", "out/small")).code).toBe(0);
  expect(made.map(([name]) => [name, rig.read(`out/small/${name}`)])).toEqual(made);
  expect(statSync(rig.path("out/small/run-llama-server.sh")).mode & 0o111).toBe(0o111);

  const again = await rig.run("small.yaml");
  expect(stepsThat(again, "done")).toEqual([]);
  rig.edit("small.yaml", "min: 256", "min: 1k");
  const more = await rig.run("small.yaml");
  expect(more.code).toBe(0);
  expect(stepsThat(more, "done")).toEqual(["fit", "report"]);
  expect(answerIn(rig).fit?.choice?.loading).toMatchObject({ context: 512, fits: false });
  expect(rig.read("out/small/report.md")).toContain("1,024 tokens were asked for.");
  rig.write("small.yaml", smallPipeline);
  await rig.run("small.yaml");
  expect(existsSync(rig.path("out/small/Modelfile"))).toBe(false);
});

test("the script runs the server beside it with the flags of the report, from anywhere, and passes on what it is given", async () => {
  using rig = new Rig();
  rig.write("small.yaml", withFit("{ vram: 8GiB }"));
  expect((await rig.run("small.yaml")).code).toBe(0);
  const server = rig.write("server", '#!/bin/sh\necho "$PWD" "$@" > "$0.said"\n');
  chmodSync(server, 0o755);
  execFileSync(rig.path("out/small/run-llama-server.sh"), ["--port", "8081"], {
    cwd: "/",
    env: { ...rig.environment(), LLAMA_SERVER: server },
  });
  const argv = answerIn(rig).fit?.server?.join(" ") ?? "";
  expect(argv).toContain("-m small-Q4_K_M.gguf -c 512");
  expect(rig.read("server.said")).toBe(`${rig.path("out/small")} ${argv} --port 8081\n`);
});

test("a quant that does not fit is said to, and leaves no files that would not run", async () => {
  using rig = new Rig();
  rig.write("small.yaml", withFit("{ vram: 1100MiB, reserve: 1090MiB }"));
  const ended = await rig.run("small.yaml");
  expect(ended.code).toBe(0);
  expect(answerIn(rig).fit).toMatchObject({ server: null, choice: { loading: { context: 0, fits: false } } });
  expect(rig.read("out/small/report.md")).toContain("does not fit in 1.07 GiB, not even with 256 tokens of context");
  expect(existsSync(rig.path("out/small/run-llama-server.sh"))).toBe(false);
});

test("a damaged fit of a report is told, and is no bug", async () => {
  using rig = new Rig();
  rig.write("small.yaml", withFit("{ vram: 8GiB }"));
  await rig.run("small.yaml");
  const report = JSON.parse(rig.read("out/small/report.json")) as Record<string, unknown>;
  rig.write("out/small/report.json", JSON.stringify({ ...report, fit: { choice: {} } }));
  const ended = await rig.exec("explain", "Q8_0", "small.yaml");
  expect(ended.code).toBeGreaterThan(0);
  expect(ended.stderr).not.toContain("Internal error");
});
