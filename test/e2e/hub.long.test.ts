import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  truncateSync,
} from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
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
const command = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  rig.start([...args, "--cache", rig.store], { HF_ENDPOINT: hub.url, HF_HOME: rig.path("hf"), ...env }).ended;
const onHub = (reference: string): string => smallPipeline.replace("models/pocket-f16.gguf", reference);
const cached = (...parts: string[]): string => rig.path("hf", "hub", "models--ada--pocket", ...parts);

/** Everything but the script, which names the model where it lies. */
const results = (): [string, string][] => [...rig.sums("small")].filter(([file]) => file !== "reproduce.sh");

describe("a model of the Hub", () => {
  test("is known by its header before it is fetched", async () => {
    rig.write("hub.yaml", onHub("hf:ada/pocket"));
    const ended = await command(["plan", "hub.yaml", "--json"]);
    expect(ended.stderr).toBe("");
    const { model, steps } = JSON.parse(ended.stdout) as { model: object; steps: { step: string; status: string }[] };
    expect(model).toMatchObject({ architecture: "llama", fileType: "f16", license: "cc0-1.0", commit, gated: false });
    expect(steps[0]).toMatchObject({ step: "fetch", status: "run" });
    expect(hub.sentBytes()).toBeLessThan(2 ** 21);
    const check = await rig.start(["check", "hub.yaml"], { HF_ENDPOINT: hub.url, HF_HOME: rig.path("hf") }).ended;
    expect(check.stdout).toContain("licence cc0-1.0");
  });

  test("is fetched once, into the cache of all its tools, and gives what the file itself gives", async () => {
    const ended = await start("hub.yaml").ended;
    expect(ended.result?.failures ?? []).toEqual([]);
    expect(ended.code).toBe(0);
    expect(ended.steps.get("fetch")).toBe("done");
    const link = cached("snapshots", commit, "pocket-f16.gguf");
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readlinkSync(link)).toMatch(/^\.\.\/\.\.\/blobs\/[0-9a-f]{64}$/);
    expect(readFileSync(cached("refs", "main"), "utf8")).toBe(commit);
    expect(rig.read("small.lock")).toContain(commit);
    const sums = results();

    rig.write("local.yaml", smallPipeline);
    const local = await start("local.yaml").ended;
    expect(local.code).toBe(0);
    expect(stepsThat(local, "done")).toEqual([]);
    expect(results()).toEqual(sums);
  });

  test("is not fetched again while nothing that runs reads it, and then once", async () => {
    rmSync(rig.path("hf"), { recursive: true });
    hub.requests.length = 0;
    const nothing = await start("hub.yaml").ended;
    expect(nothing.steps.get("fetch")).toBe("skipped");
    expect(stepsThat(nothing, "done")).toEqual([]);
    expect(hub.downloads()).toEqual([]);
    const again = await start("hub.yaml", "--force", "quantize/*").ended;
    expect(again.code).toBe(0);
    expect(again.steps.get("fetch")).toBe("done");
  });

  test("of a commit that is pinned is mended where the cache has a part of it, and its licence is still known", async () => {
    const pinned = `hf:ada/pocket@${commit}/pocket-f16.gguf`;
    rig.write("pinned.yaml", onHub(pinned));
    expect((await start("pinned.yaml", "--force", "quantize/Q8_0").ended).code).toBe(0);
    const link = cached("snapshots", commit, "pocket-f16.gguf");
    const whole = statSync(link).size;
    truncateSync(realpathSync(link), 5000);
    const plan = await command(["plan", "pinned.yaml", "--json"]);
    expect(JSON.parse(plan.stdout)).toMatchObject({ model: { license: "cc0-1.0", missing: whole } });
    const ended = await start("pinned.yaml", "--force", "quantize/Q8_0").ended;
    expect(ended.result?.failures ?? []).toEqual([]);
    expect(statSync(link).size).toBe(whole);
  });

  test("is used without a network from the cache alone, and named where it is missing", async () => {
    hub.requests.length = 0;
    const offline = await start("hub.yaml", "--offline", "--force", "quantize/Q8_0").ended;
    expect(offline.code).toBe(0);
    expect(hub.requests).toEqual([]);
    const other = await rig.start(["plan", "hub.yaml", "--cache", rig.store, "--json"], {
      HF_ENDPOINT: hub.url,
      HF_HOME: rig.path("empty"),
      HF_HUB_OFFLINE: "1",
    }).ended;
    expect(other.code).toBe(1);
    expect(other.result?.failures?.[0]).toMatchObject({
      reason: "fetch-failed",
      problem: "offline",
      what: "hf:ada/pocket",
    });
    expect(hub.requests).toEqual([]);
  });

  test.each([
    ["hf:ada/nothing", "there is no `ada/nothing` on the Hub for us"],
    ["hf:ada/pocket@v9", "`ada/pocket` has no revision `v9`"],
    ["hf:ada/pocket/other.gguf", "there is no file `other.gguf` in it"],
    ["hf:ada/pocket:Q2_K", "it holds no GGUF file of the type Q2_K"],
    ["hf:ada/../pocket", "must be `hf:owner/name/file.gguf`"],
  ])("%s is a mistake of the file, with its place", async (reference, said) => {
    rig.write("wrong.yaml", onHub(JSON.stringify(reference)));
    const ended = await command(["plan", "wrong.yaml"]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain("wrong.yaml:2:8");
    expect(ended.stderr).toContain(said);
  });

  test("that nobody gives us without a token ends in one message", async () => {
    const file = content(readFileSync(rig.path("models/pocket-f16.gguf")));
    hub.repositories.set("ada/gated", { commit, gated: "auto", files: { "pocket-f16.gguf": file } });
    rig.write("gated.yaml", onHub("hf:ada/gated"));
    const ended = await command(["plan", "gated.yaml"]);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain("is not given to us by 127.0.0.1");
    const allowed = await command(["plan", "gated.yaml"], { HF_TOKEN: "hf_canary" });
    expect(allowed.code).toBe(0);
    expect(allowed.stdout).toContain("only those may fetch it who were given access");
  });
});

test("a file of the web is fetched by its digest", async () => {
  const bytes = readFileSync(rig.path("models/pocket-f16.gguf"));
  const { oid } = content(bytes);
  hub.plain.set("/files/pocket-f16.gguf", content(bytes));
  rig.write("web.yaml", onHub(`{ url: "${hub.url}/files/pocket-f16.gguf?key=secret-key", sha256: ${oid} }`));
  const ended = await start("web.yaml", "--force", "model").ended;
  expect(ended.code).toBe(0);
  expect(ended.steps.get("fetch")).toBe("done");
  expect(existsSync(rig.path("cache", "gguf-pipeline", "models", oid ?? "", "pocket-f16.gguf"))).toBe(true);
});

test("a token is nowhere but in requests to the Hub", async () => {
  hub.requests.length = 0;
  rmSync(rig.path("hf"), { recursive: true });
  const env = { HF_ENDPOINT: hub.url, HF_HOME: rig.path("hf"), HF_TOKEN: "hf_canary" };
  const args = ["run", "gated.yaml", "--json", "--out", rig.out, "--cache", rig.store, "--force", "*"];
  const ended = await rig.start(args, env).ended;
  expect(ended.code).toBe(0);
  expect(ended.stdout + ended.stderr).not.toContain("canary");
  const holding = hub.requests.filter(({ headers }) => JSON.stringify(headers).includes("canary"));
  expect(holding.length).toBeGreaterThan(2);
  expect(holding.every(({ at }) => at === "hub")).toBe(true);
  const files = readdirSync(rig.folder, { recursive: true, encoding: "utf8" }).map((file) => rig.path(file));
  const told = files.filter(
    (file) => statSync(file).isFile() && /canary|secret-of-the-cdn|secret-key/.test(readFileSync(file, "latin1")),
  );
  expect(told.map((file) => file.slice(rig.folder.length))).toEqual(["/web.yaml"]);
});

test("what is held against Q8_0 says so wherever it is read", async () => {
  rig.write("q8.yaml", `${smallPipeline}baseline: q8_0\n`);
  const ended = await start("q8.yaml").ended;
  expect(ended.result?.failures ?? []).toEqual([]);
  expect(ended.steps.get("reference")).toBe("cached");
  const answer = JSON.parse(rig.read("out/small/report.json")) as { baseline: string; reproduce: { step: string }[] };
  expect(answer.baseline).toBe("q8_0");
  expect(answer.reproduce[0]?.step).toBe("reference");
  expect(rig.read("out/small/report.md")).toContain("**REFERENCE Q8_0**");
  const explained = await rig.exec("explain", "Q8_0", "--out", rig.out);
  expect(explained.stdout).toContain("REFERENCE Q8_0");
});

test("of two runs at once one fetches, and the other finds what it fetched", async () => {
  rmSync(rig.path("hf"), { recursive: true });
  hub.requests.length = 0;
  rig.write("hub2.yaml", onHub("hf:ada/pocket").replace("name: small", "name: other"));
  const both = await Promise.all(["hub.yaml", "hub2.yaml"].map((file) => start(file, "--force", "model").ended));
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  const bytes = content(readFileSync(rig.path("models/pocket-f16.gguf"))).size;
  expect(hub.sentBytes()).toBeLessThan(1.01 * bytes);
});
