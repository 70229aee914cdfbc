import { createHash } from "node:crypto";
import { globSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Manifest } from "../../src/corpus/manifest.ts";
import { Hub } from "../rig/hub.ts";
import { content } from "../rig/hub-files.ts";
import { parquetFile } from "../rig/parquet-file.ts";
import { Rig, type Ended } from "../rig/rig.ts";
import { tinyPipeline } from "../rig/tiny.ts";

const commit = "cd".repeat(20);
/** Bytes of each group that are no text. */
const ballast = 400_000;
let rig: Rig;
let hub: Hub;
let texts: string[];
/** Where the column of texts lies in each group of each file. */
const lying = new Map<string, ReturnType<typeof parquetFile>["lying"]>();

beforeAll(async () => {
  rig = new Rig();
  hub = await Hub.open();
  texts = globSync("corpora/general/*/*.txt", { cwd: rig.folder })
    .sort()
    .map((path) => rig.read(path));
  const rows = Array.from({ length: 1600 }, (_, row) => (row % 9 === 8 ? null : `${row} ${variant(row)}`));
  const files = Object.fromEntries(
    [0, 1, 2, 3].map((part) => {
      const groups = [0, 1, 2, 3].map((group) => rows.filter((_, row) => row % 16 === part * 4 + group));
      const made = parquetFile(groups, { page: 20, ballast });
      const name = `en/train-0000${part}-of-00004.parquet`;
      lying.set(name, made.lying);
      return [name, content(made.bytes)];
    }),
  );
  const lines = texts.map((text) => JSON.stringify({ body: { text } })).join("\n");
  const configs = [
    { config_name: "en", data_files: [{ split: "train", path: "en/train-*" }] },
    { config_name: "lines", data_files: [{ split: "test", path: "l/*" }] },
  ];
  const jsonl = content(gzipSync(lines));
  const card = { configs };
  hub.repositories.set("datasets/ada/texts", {
    commit,
    license: "cc-by-4.0",
    card,
    files: { ...files, "l/a.jsonl.gz": jsonl },
  });
  hub.repositories.set("datasets/ada/gated", { commit, gated: "auto", license: "cc-by-4.0", card, files });
});
afterAll(async () => {
  await hub[Symbol.asyncDispose]();
  rig[Symbol.dispose]();
});
beforeEach(() => {
  hub.misbehave = () => undefined;
  hub.requests.length = 0;
});

/** Texts that are no copies of one another: the words of one in an order of their own. */
const variant = (row: number): string => {
  const words = (texts[row % texts.length] ?? "").split(/\s+/);
  const rank = (word: string, index: number): string =>
    createHash("sha1").update(`${row} ${index} ${word}`).digest("hex");
  return words
    .map((word, index) => ({ word, at: rank(word, index) }))
    .sort((a, b) => (a.at < b.at ? -1 : 1))
    .map(({ word }) => word)
    .join(" ");
};

const pipelineWith = (source: string): string =>
  tinyPipeline
    .replace("share: 75%", "share: 60%")
    .replace(/- \{ id: general.*/, () => `- { id: web, ${source}, domain: general, share: 40% }`)
    .replace("chunks: 4", "chunks: 5")
    .replace("[Q8_0, Q4_K_M]", "[Q8_0]");

const dataset = (more = "", name = "hf:datasets/ada/texts"): string =>
  `dataset: ${JSON.stringify(name)}, config: en${more}`;

const command = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  rig.start([...args, "--cache", rig.store], { HF_ENDPOINT: hub.url, HF_HOME: rig.path("hf"), ...env }).ended;

const inspect = async (source: string, env: Readonly<Record<string, string>> = {}) => {
  rig.write("tiny.yaml", pipelineWith(source));
  const ended = await command(["corpus", "inspect", "tiny.yaml", "--json"], env);
  const manifest = ended.code === 0 ? (JSON.parse(ended.stdout) as { manifest: Manifest }).manifest : undefined;
  return { ended, manifest, web: manifest?.sources.find(({ id }) => id === "web") };
};

const forget = (): void => {
  rmSync(rig.store, { recursive: true, force: true });
  rmSync(rig.path("cache", "gguf-pipeline", "datasets"), { recursive: true, force: true });
};

/** Row groups of which a byte of text was sent. */
const groupsRead = (): number =>
  [...lying].reduce((sum, [name, groups]) => {
    const ranges = hub.requests
      .filter(({ at, url }) => at === "cdn" && decodeURIComponent(url).includes(name))
      .map(
        ({ headers }) =>
          /^bytes=(\d+)-(\d+)$/
            .exec(headers.range ?? "")
            ?.slice(1)
            .map(Number) ?? [0, Infinity],
      );
    const last = groups.at(-1)?.text.end ?? 0;
    // The footer is read from the last 64 KiB, where the end of the last group lies too.
    const body = ranges.filter(([, to = 0]) => to < last);
    return (
      sum + groups.filter(({ text }) => body.some(([from = 0, to = 0]) => from < text.end && to >= text.start)).length
    );
  }, 0);

describe("a dataset of the Hub", () => {
  test("is told of before it is read", async () => {
    rig.write("tiny.yaml", pipelineWith(dataset()));
    const ended = await command(["plan", "tiny.yaml", "--json"]);
    expect(ended.stderr).toBe("");
    const { texts: outlook } = JSON.parse(ended.stdout) as { texts: object[] };
    expect(outlook).toMatchObject([
      { source: "web", commit, license: "cc-by-4.0", files: 4, take: 2 ** 20, split: "train" },
    ]);
    expect(hub.downloads()).toEqual([]);
    const shown = await command(["plan", "tiny.yaml"]);
    expect(shown.stdout).toContain("takes about 1.00 MiB of text from the field text of 4 files");
    expect(shown.stdout).toContain("licence cc-by-4.0");
  });

  test("gives its text once, of no more row groups than are needed, whatever order and trouble", async () => {
    const first = await inspect(dataset(", take: 1MiB"));
    expect(first.ended.code, first.ended.stderr + first.ended.stdout).toBe(0);
    expect(first.web).toMatchObject({ license: "cc-by-4.0", windows: { got: 5 } });
    const groups = groupsRead();
    const sizes = [...lying.values()].flat().map(({ text }) => text.end - text.start);
    expect(groups).toBeLessThanOrEqual(Math.ceil(2 ** 20 / Math.min(...sizes)));
    expect(groups).toBeGreaterThan(0);
    expect(groups).toBeLessThan(sizes.length);
    const again = await inspect(dataset(", take: 1MiB"));
    expect(again.manifest).toEqual(first.manifest);

    forget();
    hub.misbehave = ({ at, turn, url }) =>
      at === "cdn" && turn % 3 === 0 ? (url.length % 2 === 0 ? { cut: 1000 } : { status: 503 }) : undefined;
    const troubled = await inspect(dataset(", take: 1MiB"));
    expect(troubled.manifest).toEqual(first.manifest);
  });

  test("is used without a network, and named where it is missing", async () => {
    const before = await inspect(dataset());
    hub.requests.length = 0;
    const offline = await inspect(dataset(), { HF_HUB_OFFLINE: "1" });
    expect(offline.manifest).toEqual(before.manifest);
    expect(hub.requests).toEqual([]);
    rmSync(rig.store, { recursive: true });
    const missing = await inspect(dataset(), { HF_HUB_OFFLINE: "1" });
    expect(missing.ended.code).toBe(1);
    expect(missing.ended.stderr).toContain("the network must not be used");
  });

  test("of lines is read by its card", async () => {
    const { web } = await inspect('dataset: "hf:datasets/ada/texts", config: lines, split: test, field: body.text');
    expect(web).toMatchObject({ read: texts.length });
  });

  test.each([
    [dataset(", split: best"), "it has no split `best`", 2],
    ['dataset: "hf:datasets/ada/texts"', "it has several configurations", 2],
    [dataset("", "hf:datasets/ada/none"), "there is no dataset `ada/none` on the Hub for us", 2],
    [dataset("", "hf:datasets/ada/texts@v9"), "`ada/texts` has no revision `v9`", 2],
    [dataset("", "hf:datasets/ada/../texts"), "must be the name of a dataset", 2],
    [dataset(", field: body"), "it has no column `body`; it has `ballast`, `text`", 1],
    [dataset(", field: ballast"), "it has no text at `ballast` but INT64", 1],
    ['url: "https://example.org/a.txt"', "a file of the web needs its digest", 2],
  ])("%s ends in one message", async (source, said, code) => {
    const { ended } = await inspect(source);
    expect(ended.stderr + ended.stdout).toContain(said);
    expect(ended.code).toBe(code);
  });

  test("that changes at its server, or is gone, is not taken", async () => {
    forget();
    hub.misbehave = ({ at }) => (at === "cdn" ? { size: 12_345_678 } : undefined);
    expect((await inspect(dataset())).ended).toMatchObject({ code: 1 });
    hub.misbehave = ({ at, url }) => (at === "hub" && url.includes("/resolve/") ? { status: 404 } : undefined);
    const gone = await inspect(dataset());
    expect(gone.ended.stderr + gone.ended.stdout).toContain("is not there");
  });

  test("that is gated is given for a token, which nobody else sees", async () => {
    const denied = await inspect(dataset("", "hf:datasets/ada/gated"));
    expect(denied.ended.stderr).toContain("is not given to us by 127.0.0.1");
    hub.requests.length = 0;
    const given = await inspect(dataset("", "hf:datasets/ada/gated"), { HF_TOKEN: "hf_canary" });
    expect(given.ended.code).toBe(0);
    const holding = hub.requests.filter(({ headers }) => JSON.stringify(headers).includes("canary"));
    expect(holding.length).toBeGreaterThan(0);
    expect(holding.every(({ at }) => at === "hub")).toBe(true);
    const files = readdirSync(rig.folder, { recursive: true, encoding: "utf8" }).map((file) => rig.path(file));
    const told = files.filter(
      (file) => statSync(file).isFile() && /canary|secret-of-the-cdn/.test(readFileSync(file, "latin1")),
    );
    expect(told).toEqual([]);
  });
});

test("text of the web is fetched by its digest, and cached by it", async () => {
  const bytes = Buffer.from(gzipSync(texts.map((text) => JSON.stringify({ text })).join("\n")));
  const { oid } = content(bytes);
  hub.plain.set("/files/texts.jsonl.gz", content(bytes));
  const source = (address: string, sha256 = oid ?? ""): string => `url: "${address}?key=secret-key", sha256: ${sha256}`;
  const { web, manifest, ended } = await inspect(source(`${hub.url}/files/texts.jsonl.gz`));
  expect(ended.code, ended.stderr).toBe(0);
  expect(web).toMatchObject({ read: texts.length });
  hub.requests.length = 0;
  expect((await inspect(source(`${hub.url}/files/texts.jsonl.gz`))).manifest).toEqual(manifest);
  expect(hub.requests).toEqual([]);
  const wrong = await inspect(source(`${hub.url}/files/texts.jsonl.gz`, "ab".repeat(32)));
  expect(wrong.ended.code).toBe(1);
  expect(wrong.ended.stderr).toContain("with other bytes than it should have");
  expect(wrong.ended.stderr).not.toContain("secret-key");
});
