import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { bin } from "../rig/tools.ts";

test("the built program can be started as it is, which `npx pipeline` in a clone does", () => {
  const { status, stdout } = spawnSync(bin, ["--version"], { encoding: "utf8" });
  expect({ status, stdout }).toEqual({ status: 0, stdout: `${manifest.version}\n` });
});

test("the licences of what is bundled lie beside it", () => {
  const notices = readFileSync(fileURLToPath(new URL("../../dist/NOTICES.txt", import.meta.url)), "utf8");
  for (const name of ["zod", "yaml", "commander", "execa", "@stdlib/stats-base-dists-t-quantile"])
    expect(notices).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, "m"));
});
