/** Assembles the corpus in a folder with the real tokenizer and prints what it took, as JSON. */
import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ok } from "../../src/base/result.ts";
import { assemble } from "../../src/corpus/assemble.ts";
import { formatOf } from "../../src/corpus/reading.ts";
import { readRecords } from "../../src/corpus/records.ts";
import type { CorpusRequest, CorpusSource, Stage } from "../../src/corpus/request.ts";
import type { Tokenize } from "../../src/corpus/measured.ts";
import { readGguf } from "../../src/llama/gguf.ts";
import { tokenizeArgv, tokenizeParser } from "../../src/llama/tokenize.ts";
import { readVocab, tokenSpans } from "../../src/llama/vocab.ts";
import { apportion } from "../../src/plan/apportion.ts";
import { LeanHeap } from "../../src/run/steps/lean-heap.ts";
import { YoungGeneration } from "../../src/run/steps/young-generation.ts";

const [folder = "", root = ""] = process.argv.slice(2);
const model = join(root, "models/pocket-f16.gguf");
const tools = spawnSync(process.execPath, [join(root, "dist/bin.js"), "toolchain", "path"], { encoding: "utf8" });
const work = mkdtempSync(join(tmpdir(), "pipeline-assemble-"));

const gguf = readGguf(model);
if (!gguf.ok) throw new Error(gguf.error.why);
const vocab = readVocab(gguf.value);
/** Seconds of this process on a processor, which what others do on the machine changes less than the time that passes. */
const processor = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
let tokenizing = 0;
let tokenizingProcessor = 0;
const tokenize: Tokenize = (text) => {
  const [began, busy] = [performance.now(), processor()];
  const file = join(work, "text.txt");
  writeFileSync(file, text);
  const ran = spawnSync(join(tools.stdout.trim(), "llama-tokenize"), tokenizeArgv({ model, text: file }), {
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  });
  const parser = tokenizeParser();
  parser.push(ran.stdout, "stdout");
  const { ids } = parser.run();
  const spans = vocab === undefined ? undefined : tokenSpans(ids, vocab, Buffer.from(text));
  if (spans === undefined) throw new Error(`no tokens: ${ran.stderr}`);
  tokenizing += (performance.now() - began) / 1000;
  tokenizingProcessor += processor() - busy;
  return Promise.resolve(ok({ ids, ends: spans.ends, exact: true }));
};

const files = (pattern: string): { name: string; path: string }[] =>
  globSync(pattern, { cwd: folder })
    .sort()
    .map((name) => ({ name, path: join(folder, name) }));
const source = (id: string, domain: string, pattern: string): CorpusSource => {
  const own = files(pattern);
  return {
    id,
    domain,
    share: 0.5,
    license: null,
    holdoutOnly: false,
    kind: "texts",
    divisible: true,
    bytes: own.reduce((sum, { path }) => sum + statSync(path).size, 0),
    async *read() {
      for (const file of own)
        yield* readRecords(file, { format: formatOf(file.name), field: "text", group: undefined }, 4_000_000);
    },
  };
};

const request: CorpusRequest = {
  seed: 7,
  sources: [source("texts", "mixed", "texts/*/*"), source("records", "other", "records/*/*")],
  calibration: [
    { id: "texts", chunks: 64 },
    { id: "records", chunks: 64 },
  ],
  calibrationContext: 512,
  domains: ["mixed"],
  shards: [16, 16, 32, 64].map((units) => ({ domain: "mixed", units })),
  searchUnits: 32,
  unit: 512,
  hygiene: {
    nfc: true,
    controlCharacters: true,
    boilerplate: true,
    minLength: 64,
    maxLength: 4_000_000,
    languages: null,
    duplicates: true,
    nearDuplicates: true,
    secrets: true,
    unreadable: "refuse",
  },
  short: "refuse",
  overlapLimit: 1,
  apportion,
};
const seconds: Partial<Record<Stage, number>> = {};
let current: Stage | undefined;
let since = performance.now();
const stage = (next: Stage | undefined): void => {
  const now = performance.now();
  if (current !== undefined) seconds[current] = (seconds[current] ?? 0) + (now - since) / 1000;
  [current, since] = [next, now];
};
// As the step of a run does.
using young = new YoungGeneration();
using _heap = new LeanHeap(request.sources.reduce((sum, { bytes }) => sum + bytes, 0));
const before = processor();
const corpus = await assemble(request, {
  tokenize,
  spool: join(work, "spool.bin"),
  stage,
  progress: () => young.watch(),
  cancel: new AbortController().signal,
});
stage(undefined);
const busy = processor() - before - tokenizingProcessor;
rmSync(work, { recursive: true, force: true });
if (!corpus.ok) throw new Error(JSON.stringify(corpus.error));
const { sources } = corpus.value.manifest;
const dropped: Record<string, number> = {};
for (const each of sources)
  for (const [reason, count] of Object.entries(each.dropped)) dropped[reason] = (dropped[reason] ?? 0) + count;
const kept = sources.reduce((sum, each) => sum + each.kept, 0);
const memory = process.resourceUsage().maxRSS * 1024;
process.stdout.write(`${JSON.stringify({ seconds, tokenizing, busy, memory, kept, dropped })}\n`);
