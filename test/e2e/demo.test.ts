import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Answer } from "../../src/select/answer.ts";
import { average } from "../../src/select/bounds.ts";
import { origins, rowsFor, writtenPath } from "../../src/select/origins.ts";
import { Rig, stepsThat, type Ended } from "../rig/rig.ts";
import { realTools } from "../rig/tools.ts";
import { numbersIn } from "../select/numbers.ts";

const demo = "pipelines/medical.yaml";
let rig: Rig;
let first: Ended;

beforeAll(async () => {
  rig = new Rig();
  first = await rig.run(demo);
}, 900_000);
afterAll(() => rig[Symbol.dispose]());

const answer = (): Answer => JSON.parse(rig.read("out/medical/report.json")) as Answer;
interface Planned {
  readonly steps: readonly {
    readonly step: string;
    readonly status: string;
    readonly why: readonly { code: string }[];
  }[];
}
const plan = async (): Promise<Planned["steps"]> => {
  const ended = await rig.exec("plan", demo, "--json", "--cache", rig.store);
  return (JSON.parse(ended.stdout) as Planned).steps;
};
const planned = async (status: string): Promise<string[]> =>
  (await plan()).filter((step) => step.status === status).map(({ step }) => step);

describe("the demo pipeline", () => {
  test("chooses the smallest quant inside the tolerance, with its evidence", () => {
    expect(first.code, first.stdout + first.stderr).toBe(0);
    const { choice, candidates, model, llamaCpp, seed, schemaVersion } = answer();
    expect(schemaVersion).toBe(4);
    expect(seed).toBe(7);
    expect(model).toMatchObject({ bytes: 11_640_992, architecture: "llama", fileType: "f16" });
    expect(llamaCpp).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+/) as string });
    expect(candidates).toHaveLength(8);
    const chosen = candidates.find(({ type }) => type === choice?.type)!;
    expect(chosen.verdict).toBe("PASS");
    const [domain] = chosen.domains;
    expect(domain).toMatchObject({ domain: "medical" });
    expect(domain!.units).toBeGreaterThanOrEqual(16);
    const [ppl, kld] = domain!.gates;
    expect(ppl!.upper).toBeLessThan(Math.log(1.03));
    expect(kld!.upper).toBeLessThan(0.06);
    expect(kld!.mean).toBeLessThan(kld!.upper);
    // The next smaller one is the first that did not pass.
    const next = candidates[candidates.indexOf(chosen) + 1]!;
    expect(next.verdict).not.toBe("PASS");
    expect(answer().refused).toBe(next.type);
  });

  test("loses more with fewer bits: KLD rises down the ladder", () => {
    // On the units of the first look, which every candidate has.
    const klds = answer().candidates.map(({ domains }) => average(domains[0]!.losses.kld.slice(0, 16)));
    expect(klds).toEqual([...klds].sort((a, b) => a - b));
  });

  test("puts the chosen file, the imatrix, the reports, the texts and the logs into one folder", () => {
    const files = [...rig.sums("medical").keys()];
    const { choice } = answer();
    expect(files).toEqual(
      expect.arrayContaining([
        choice?.file,
        "imatrix.gguf",
        "report.json",
        "report.md",
        "report.html",
        "curve.svg",
        "perplexity.svg",
        "kld.svg",
        "tail.svg",
        "shares.svg",
        "reproduce.sh",
        "corpus/manifest.json",
      ]),
    );
    expect(readdirSync(rig.path("out/medical"))).toEqual(
      expect.arrayContaining(["SHA256SUMS", "run.json", "timeline.html", "logs"]),
    );
    expect(readdirSync(rig.path("out/medical/logs")).length).toBeGreaterThan(25);
  });

  test("says of every number of report.json how it came to be", () => {
    const untold = numbersIn(answer()).filter((path) => rowsFor(path).length !== 1);
    expect(untold.map(writtenPath)).toEqual([]);
    expect(answer().origins).toEqual(origins);
  });

  test("draws the same page again where it is gone or was changed, and nothing where it is whole", async () => {
    const [page, drawn] = [rig.path("out/medical/report.html"), rig.read("out/medical/report.html")];
    const touched = (): number => statSync(page).mtimeMs;
    await rig.run(demo);
    const before = touched();
    await rig.run(demo);
    expect(touched()).toBe(before);
    writeFileSync(page, "changed");
    await rig.run(demo);
    expect(rig.read("out/medical/report.html")).toBe(drawn);
    rmSync(rig.path("out/medical/curve.svg"));
    await rig.run(demo);
    expect(rig.sums("medical").has("curve.svg")).toBe(true);
  });

  test("ends on the terminal with a table and a sentence", async () => {
    const ended = await rig.exec("run", demo, "--out", rig.out, "--cache", rig.store);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toMatch(/type +size +bpw +PPL/);
    expect(ended.stdout).toContain("was chosen");
    expect(ended.stdout.replaceAll("\n", " ")).toContain("The next smaller one");
  });

  test("executes nothing when nothing changed", async () => {
    expect([...(await planned("run")), ...(await planned("if"))]).toEqual([]);
    expect([...(await planned("cached")), ...(await planned("skip"))]).toHaveLength(first.steps.size);
    const again = await rig.run(demo);
    expect(again.code).toBe(0);
    expect(again.result).toMatchObject({ executed: 0 });
    expect(JSON.parse(rig.read("out/medical/run.json"))).toMatchObject({ hashedBytes: 0 });
  });

  test("executes nothing after touch on an input", async () => {
    const now = new Date();
    utimesSync(rig.path("models/pocket-f16.gguf"), now, now);
    utimesSync(rig.path("corpora/medical/notes", readdirSync(rig.path("corpora/medical/notes"))[0]!), now, now);
    expect((await rig.run(demo)).result).toMatchObject({ executed: 0 });
  });

  test("never shares a document between holdout, search and calibration", () => {
    type Units = { units: { documents: { source: string; name: string }[] }[] };
    const manifest = JSON.parse(rig.read("out/medical/corpus/manifest.json")) as { holdout: Units[]; search: Units };
    const names = ({ units }: Units): string[] =>
      units.flatMap(({ documents }) => documents.map((d) => `${d.source} ${d.name}`));
    const holdout = new Set(manifest.holdout.flatMap(names));
    expect(names(manifest.search).filter((name) => holdout.has(name))).toEqual([]);
    const lines = (file: string): string[] =>
      rig
        .read(`out/medical/corpus/${file}`)
        .split("\n")
        .filter((line) => line.split(" ").length > 12);
    const calibration = new Set(
      ["notes", "prompts", "general", "code"].flatMap((id) => lines(`calibration-${id}.txt`)),
    );
    for (const file of ["holdout-1.txt", "holdout-2.txt", "search.txt"]) {
      expect(lines(file).filter((line) => calibration.has(line))).toEqual([]);
    }
  });
});

describe("after a change", () => {
  test("of the tolerance, only what it needs is measured besides, and the choice is made again", async () => {
    rig.edit(demo, "tolerance: chat", "tolerance: rag");
    const expected = await planned("run");
    const ended = await rig.run(demo);
    const done = stepsThat(ended, "done");
    expect(done).toEqual(expect.arrayContaining([...expected, "select", "report"]));
    expect(done.filter((step) => !/^(baseline|validate)\/|^(select|fit|report)$/.test(step))).toEqual([]);
    rig.edit(demo, "tolerance: rag", "tolerance: chat");
    expect((await rig.run(demo)).result).toMatchObject({ executed: 0 });
  });

  test("of one calibration text, what depends on it runs, and the plan said so", async () => {
    const used = calibrationText();
    rig.edit(used, "the", "thhe");
    const before = await plan();
    const status = (step: string): string | undefined => before.find((each) => each.step === step)?.status;
    expect(status("corpus")).toBe("run");
    expect(before.find(({ step }) => step === "corpus")?.why).toMatchObject([{ code: "input" }]);
    expect(["imatrix/general/1", "imatrix", "quantize/Q4_K_M", "baseline/1", "validate/Q4_K_M/1"].map(status)).toEqual(
      Array<string>(5).fill("if"),
    );
    const ended = await rig.run(demo);
    const done = stepsThat(ended, "done");
    expect(done).toEqual(
      expect.arrayContaining(["corpus", "imatrix/general/1", "imatrix", "quantize/Q4_K_M", "report"]),
    );
    // Early cutoff: other sources, the holdout and the type that needs no matrix are as before.
    expect(stepsThat(ended, "cached")).toEqual(
      expect.arrayContaining(["imatrix/notes/1", "imatrix/code/1", "quantize/Q8_0", "validate/Q8_0/1"]),
    );
  });
});

/** A file of the general corpus that is in the calibration text. */
const calibrationText = (): string => {
  const text = rig.read("out/medical/corpus/calibration-general.txt");
  const folders = ["encyclopedia", "everyday", "stories"].map((name) => `corpora/general/${name}`);
  const files = folders.flatMap((folder) => readdirSync(rig.path(folder)).map((name) => `${folder}/${name}`));
  const used = files.find((file) => text.startsWith(rig.read(file).slice(0, 200)));
  if (used === undefined) throw new Error("no file of the general corpus begins the calibration text");
  return used;
};

describe("reproduce.sh", () => {
  test("in another folder gives the same file and prints the same numbers for each shard", () => {
    const folder = rig.path("by hand");
    mkdirSync(folder);
    const script = join(rig.out, "medical/reproduce.sh");
    const said = execFileSync("sh", [script], {
      cwd: folder,
      env: { PATH: process.env["PATH"], LLAMA_CPP_DIR: realTools() },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    const { choice } = answer();
    expect(said).toContain(choice!.sha256);
    const measured = answer().reproduce.filter(({ step }) => step.startsWith("validate/"));
    expect(measured).not.toEqual([]);
    for (const { step: id } of measured) {
      const step = id.replaceAll("/", "+");
      const byHand = rows(readFileSync(join(folder, "work", step, "output.txt"), "utf8"));
      expect(byHand.length).toBeGreaterThanOrEqual(16);
      expect(byHand.slice(0, 16)).toEqual(rows(rig.read(`out/medical/logs/${step}.log`)).slice(0, 16));
    }
  });
});

/** PPL and KLD of each window as the tool printed them, plain or in JSON records. */
const rows = (output: string): string[] => {
  const text = output
    .split("\n")
    .map((line) => (line.startsWith("{") ? ((JSON.parse(line) as { msg?: string }).msg ?? "") : `${line}\n`))
    .join("");
  return [...text.matchAll(/^ *\d+ +[\d.]+ ± .*%$/gm)].map(([row]) => row.trim());
};
