import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { err, ok, type Result } from "../../base/result.ts";
import { assemble, type Corpus } from "../../corpus/assemble.ts";
import type { Tokens } from "../../corpus/measured.ts";
import type { CorpusRequest } from "../../corpus/request.ts";
import { readGguf } from "../../llama/gguf.ts";
import { tokenizeArgv, tokenizeOutcome, tokenizeParser } from "../../llama/tokenize.ts";
import { readVocab, tokenSpans, type Vocab } from "../../llama/vocab.ts";
import { apportion } from "../../plan/apportion.ts";
import { topUpOutput, windowsOutput } from "../../plan/corpus-step.ts";
import { openSources, type CorpusParams } from "./corpus-sources.ts";
import { judge } from "./judge.ts";
import { LeanHeap } from "./lean-heap.ts";
import type { StepContext, StepImplementation } from "./step.ts";
import type { Windows } from "./windows.ts";
import { YoungGeneration } from "./young-generation.ts";

/** Sources → calibration text by source, holdout shards, search text, and what lies where and why. */
export const corpus: StepImplementation = {
  run: async (context) => {
    const params = context.spec.params as unknown as CorpusParams;
    const { path: file } = context.input("model.gguf");
    const gguf = readGguf(file);
    if (!gguf.ok) return err({ reason: "model-unusable", file, why: `it ${gguf.error.why}` });
    const sources = openSources(context, params, gguf.value);
    if (!sources.ok) return sources;
    const vocab = readVocab(gguf.value);
    const shards = params.shards.map(([domain, units]) => ({ domain, units }));
    const request: CorpusRequest = { ...params, sources: sources.value, shards, apportion };
    using young = new YoungGeneration();
    using _heap = new LeanHeap(sources.value.reduce((sum, { bytes }) => sum + bytes, 0));
    const assembled = await assemble(request, {
      tokenize: (text) => context.repeat(() => tokenize(context, vocab, text)),
      spool: join(context.scratch, "spool"),
      progress: (done, total) => {
        young.watch();
        context.progress(done, total, "bytes");
      },
      cancel: context.cancel,
    });
    if (!assembled.ok) return assembled;
    writeTexts(context, assembled.value);
    return ok(null);
  },
};

const argv = (): string[] => tokenizeArgv({ model: "model.gguf", text: "text.txt" });

const tokenize = async (context: StepContext, vocab: Vocab | undefined, text: string): Promise<Result<Tokens>> => {
  writeFileSync(join(context.scratch, "text.txt"), text);
  const parser = tokenizeParser();
  const run = await context.tool("llama-tokenize", argv, parser.push);
  if (!run.ok) return run;
  const said = parser.run();
  const judged = judge(context, "llama-tokenize", tokenizeOutcome(said), run.value);
  if (!judged.ok) return judged;
  const bytes = Buffer.from(text);
  const spans = vocab === undefined ? undefined : tokenSpans(said.ids, vocab, bytes);
  return ok({
    ids: said.ids,
    ends: spans?.ends ?? evenEnds(said.ids.length, bytes.length),
    exact: spans !== undefined,
  });
};

/** Where tokens end if all were of one length: for vocabularies whose pieces do not give back the text. */
const evenEnds = (tokens: number, bytes: number): Uint32Array =>
  Uint32Array.from({ length: tokens }, (_, index) => Math.round(((index + 1) * bytes) / tokens));

const writeTexts = (context: StepContext, { calibration, topUp, holdout, search, manifest, survey }: Corpus): void => {
  const writeWindows = (name: string, chunks: number): void =>
    writeFileSync(context.path(windowsOutput(name)), `${JSON.stringify({ chunks } satisfies Windows)}\n`);
  for (const [source, { text, chunks }] of calibration) {
    writeFileSync(context.path(`calibration-${source}`), text);
    writeWindows(source, chunks);
  }
  for (const [source, { text, chunks }] of topUp) {
    writeFileSync(context.path(topUpOutput(source)), text);
    writeWindows(topUpOutput(source), chunks);
  }
  for (const [index, { text }] of holdout.entries()) writeFileSync(context.path(`holdout-${index + 1}`), text);
  writeFileSync(context.path("search"), search.text);
  writeFileSync(context.path("manifest"), `${JSON.stringify(manifest, null, 1)}\n`);
  writeFileSync(context.path("survey"), `${JSON.stringify(survey, null, 1)}\n`);
};
