import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { loadPipeline } from "../src/pipeline/load.ts";
import { diskReader } from "../src/run/disk-reader.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const domains = ["medical", "legal", "finance", "general", "code"] as const;
const documentsOf = (domain: string): string[] =>
  globSync(`corpora/${domain}/**/*.*`, { cwd: root, exclude: (name) => name.endsWith("prompts.yaml") });
const read = (file: string): string => readFileSync(`${root}/${file}`, "utf8");

describe("the shipped texts", () => {
  test("are as many and as large as their card says", () => {
    const rows = new Map(
      [...read("corpora/README.md").matchAll(/^\| `(\w+)` +\| +([\d,]+) \| +([\d,]+) \|/gm)].map(
        ([, domain = "", count = "", bytes = ""]) => [
          domain,
          [count, bytes].map((text) => Number(text.replaceAll(",", ""))),
        ],
      ),
    );
    for (const domain of domains) {
      const files = documentsOf(domain);
      const bytes = files.reduce((sum, file) => sum + Buffer.byteLength(read(file)), 0);
      expect(rows.get(domain), domain).toEqual([files.length, bytes]);
    }
  });

  test("are documents of at least 1.5 kB, so that each fills a unit of the demo", () => {
    expect(domains.flatMap(documentsOf).filter((file) => Buffer.byteLength(read(file)) < 1500)).toEqual([]);
  });

  test("share no run of thirteen words", () => {
    const seen = new Map<string, string>();
    const shared: string[] = [];
    for (const file of domains.flatMap(documentsOf)) {
      const words =
        read(file)
          .toLowerCase()
          .match(/[\w']+/g) ?? [];
      for (let at = 0; at + 13 <= words.length; at += 1) {
        const run = words.slice(at, at + 13).join(" ");
        const first = seen.get(run) ?? file;
        if (first !== file) shared.push(`${file} and ${first}: ${run}`);
        seen.set(run, first);
      }
    }
    expect(shared).toEqual([]);
  });
});

describe("the shipped pipelines", () => {
  test.for(["medical", "legal", "finance"])("%s loads without a warning", async (name) => {
    const loaded = await loadPipeline(`${root}/pipelines/${name}.yaml`, diskReader);
    expect(loaded).toMatchObject({ ok: true, value: { warnings: [], pipeline: { name } } });
  });

  test("the production example has no mistake but the paths that only its user has", async () => {
    const loaded = await loadPipeline(`${root}/pipelines/llama-3.1-8b-clinic.yaml`, diskReader);
    if (loaded.ok || loaded.error.reason !== "invalid-pipeline") throw new Error(JSON.stringify(loaded));
    const messages = loaded.error.diagnostics.map(({ message }) => message);
    expect(
      messages.filter((message) => !/\/(models|data)\/|matches no file|is no file|does not exist/.test(message)),
    ).toEqual([]);
  });
});
