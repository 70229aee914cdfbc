import { afterAll, beforeAll, expect, test } from "vitest";
import type { FitResult } from "../../src/report/fit/result.ts";
import { headerGguf } from "../rig/header-gguf.ts";
import { headerModel } from "../rig/header-models.ts";
import { hollow } from "../rig/hub-files.ts";
import { Hub } from "../rig/hub.ts";
import { type Ended, Rig } from "../rig/rig.ts";

let rig: Rig;
let hub: Hub;
beforeAll(async () => {
  rig = new Rig();
  hub = await Hub.open();
  const { header, length } = headerGguf(headerModel("llama-3.1-8b"));
  const file = hollow(header, length);
  hub.repositories.set("ada/llama", { commit: "ab".repeat(20), gated: "manual", files: { "llama-F16.gguf": file } });
  hub.plain.set("/llama.gguf", file);
});
afterAll(async () => {
  await hub[Symbol.asyncDispose]();
  rig[Symbol.dispose]();
});

const fit = (...args: string[]): Promise<Ended> =>
  rig.start(["fit", ...args], { HF_ENDPOINT: hub.url, HF_HOME: rig.path("hf"), HF_TOKEN: hub.token }).ended;

test("a model of 16 GB that lies elsewhere is reckoned from its header, and so are its quants", async () => {
  const names = ["hf:ada/llama", "hf:ada/llama:F16", `${hub.url}/llama.gguf?Signature=secret`];
  for (const name of names) {
    hub.requests.length = 0;
    const ended = await fit(name, "--gpu", "rtx-4090", "--matrix", "--types", "Q4_K_M", "--json");
    expect(ended.code, ended.stderr).toBe(0);
    const { files, matrix } = JSON.parse(ended.stdout) as FitResult;
    expect(files[0]?.bytes).toBeGreaterThan(16e9);
    expect(files[0]?.loading?.context).toBe(68_352);
    expect(matrix?.[0]?.name).toBe("Q4_K_M");
    expect(ended.stdout).not.toContain("secret");
    expect(hub.sentBytes()).toBeLessThan(32e6);
  }
});

test("what cannot be had, or cannot be loaded, is one message", async () => {
  const cases: readonly (readonly [readonly string[], number, string])[] = [
    [["hf:ada"], 2, "write hf:owner/name/file.gguf"],
    [["hf:ada/nothing"], 2, "there is no ada/nothing"],
    [["hf:ada/llama:Q4_K_M"], 2, "Q4_K_M"],
    [[`${hub.url}/none.gguf`], 1, "404"],
    [["hf:ada/llama", "--offline"], 1, "is not here, and the network must not be used"],
    [[`${hub.url}/llama.gguf`, "--offline"], 1, "must not be used"],
    [["hf:ada/llama", "--gpu", "rtx-4090", "--verify"], 2, "llama-F16.gguf is not on this machine"],
  ];
  for (const [args, code, words] of cases) {
    const ended = await fit(...args);
    expect([args, ended.code, ended.stderr]).toEqual([args, code, expect.stringContaining(words)]);
  }
});
