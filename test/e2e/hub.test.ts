import { lstatSync, readFileSync, readlinkSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Hub } from "../rig/hub.ts";
import { content } from "../rig/hub-files.ts";
import { Rig, stepsThat } from "../rig/rig.ts";
import { smallPipeline } from "../rig/small.ts";

const commit = "ab".repeat(20);
let rig: Rig;
let hub: Hub;
beforeAll(async () => {
  rig = new Rig();
  hub = await Hub.open();
  const file = content(readFileSync(rig.path("models/pocket-f16.gguf")));
  hub.repositories.set("ada/pocket", { commit, license: "cc0-1.0", files: { "pocket-f16.gguf": file } });
});
afterAll(async () => {
  await hub[Symbol.asyncDispose]();
  rig[Symbol.dispose]();
});

const start = (file: string, ...more: string[]) =>
  rig.start(["run", file, "--json", "--out", rig.out, "--cache", rig.store, ...more], {
    HF_ENDPOINT: hub.url,
    HF_HOME: rig.path("hf"),
  });
const cached = (...parts: string[]): string => rig.path("hf", "hub", "models--ada--pocket", ...parts);

test("a model of the Hub is fetched once, into the cache of all its tools, and gives what the file itself gives", async () => {
  rig.write("hub.yaml", smallPipeline.replace("models/pocket-f16.gguf", "hf:ada/pocket/pocket-f16.gguf"));
  const ended = await start("hub.yaml").ended;
  expect(ended.stderr + JSON.stringify(ended.result?.failures ?? [])).toBe("[]");
  expect(ended.code).toBe(0);
  expect(ended.steps.get("fetch")).toBe("done");
  const link = cached("snapshots", commit, "pocket-f16.gguf");
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readlinkSync(link)).toMatch(/^\.\.\/\.\.\/blobs\/[0-9a-f]{64}$/);
  expect(readFileSync(cached("refs", "main"), "utf8")).toBe(commit);
  // The script names the model where it lies, and that is another place.
  const sums = [...rig.sums("small")].filter(([file]) => file !== "reproduce.sh");

  rig.write("local.yaml", smallPipeline);
  const local = await start("local.yaml").ended;
  expect(local.code).toBe(0);
  expect(stepsThat(local, "done")).toEqual([]);
  expect([...rig.sums("small")].filter(([file]) => file !== "reproduce.sh")).toEqual(sums);
});
