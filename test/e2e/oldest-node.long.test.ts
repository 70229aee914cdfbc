import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { Rig } from "../rig/rig.ts";
import { realTools } from "../rig/tools.ts";
import { tinyPipeline } from "../rig/tiny.ts";

const bin = fileURLToPath(new URL("../../dist/bin.js", import.meta.url));
const oldest = manifest.engines.node.replace(">=", "");
const folder = mkdtempSync(join(tmpdir(), "oldest-node-"));
const node = join(folder, "node_modules/node/bin/node");

beforeAll(() => {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, allowScripts: { node: true } }));
  const got = spawnSync("npm", ["install", "--no-audit", "--no-fund", `node@${oldest}`], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(got.status, got.stdout + got.stderr).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test(`a whole run on the oldest Node that is promised, ${oldest}, and one that finds everything done`, () => {
  using rig = new Rig();
  rig.write("tiny.yaml", tinyPipeline);
  const run = (): { readonly code: number | null; readonly last: unknown; readonly said: string } => {
    const args = ["run", "tiny.yaml", "--json", "--out", rig.out, "--cache", rig.store, "--llama-cpp", realTools()];
    const { status, stdout, stderr } = spawnSync(node, [bin, ...args], { cwd: rig.folder, encoding: "utf8" });
    const lines = stdout.trimEnd().split("\n");
    return { code: status, last: JSON.parse(lines.at(-1) ?? "null"), said: stderr };
  };
  expect(spawnSync(node, ["--version"], { encoding: "utf8" }).stdout).toMatch(new RegExp(`^v${oldest}\\.`));
  expect(run()).toMatchObject({ code: 0, last: { ok: true, cached: 0 } });
  expect(run()).toMatchObject({ code: 0, last: { ok: true, executed: 0 } });
});
