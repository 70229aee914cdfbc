import * as fc from "fast-check";
import { fingerprint, sha256 } from "../../src/base/canonical.ts";
import type { Digest, Key, StepId } from "../../src/base/ids.ts";
import type { Toolchain } from "../../src/base/tool.ts";
import type { FilesSource, Pipeline, Source } from "../../src/pipeline/pipeline.ts";
import { quantTypeNames } from "../../src/pipeline/types.ts";
import { decide, type Known, type Snapshot } from "../../src/plan/decide.ts";
import { forecast, type Forecast } from "../../src/plan/forecast.ts";
import { makePlan } from "../../src/plan/plan.ts";
import type { Plan } from "../../src/plan/step.ts";

/** What a source has that says nothing of it. */
const plain = { license: null, maxTokens: null, holdoutOnly: false };
const texts = { format: "auto", field: null, group: null } as const;

/** A small pipeline: two types, of which Q8_0 ignores the importance matrix, and two shards. */
export const small: Pipeline = {
  name: "small",
  file: "/home/ada/small.yaml",
  model: "/home/ada/models/pocket-f16.gguf",
  llamaCpp: { version: ">=0.5", backend: "cpu" },
  corpus: {
    seed: 7,
    searchUnits: 2,
    short: "refuse",
    overlapLimit: 0.1,
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
    sources: [
      {
        kind: "files",
        id: "notes",
        domain: "medical",
        share: 0.75,
        ...plain,
        ...texts,
        files: [
          { path: "/home/ada/notes/a.txt", name: "a.txt" },
          { path: "/home/ada/notes/b.txt", name: "b.txt" },
        ],
      },
      { kind: "prompts", id: "prompts", domain: "medical", share: 0.25, ...plain, file: "/home/ada/prompts.yaml" },
    ],
  },
  imatrix: { chunks: 8, perSource: 8, context: 512, coverage: null, import: null },
  quantize: { types: ["Q8_0", "Q4_K_M"], dominated: "drop" },
  validate: { domains: ["medical"], units: 32, unit: 512, context: 512, kv: "f16", logitsDisk: null },
  select: {
    mode: "full",
    plannedReruns: 0,
    tolerances: [
      { domain: "medical", name: "chat", ppl: 0.03, pplDelta: null, kld: 0.06, sameTop: null, confidence: 0.95 },
    ],
    warn: { p99Kld: null },
  },
  fit: null,
  card: { baseModel: null, quantizedBy: null, license: null, tags: [] },
  timeouts: { stall: 600 },
};

export const toolchain: Toolchain = {
  directory: "/opt/llama",
  origin: "managed",
  version: "0.5.0",
  identity: {
    "llama-imatrix": sha256("imatrix"),
    "llama-quantize": sha256("quantize"),
    "llama-perplexity": sha256("perplexity"),
    "llama-tokenize": sha256("tokenize"),
  },
  numeric: { backend: "cpu", device: "cpu", isa: "x86-64-v3" },
  jsonLog: true,
};

/** The same with a source of every kind. */
export const everySource: Pipeline = {
  ...small,
  fit: {
    gpu: "rtx-4090",
    vram: null,
    reserve: null,
    context: { min: 4096 },
    kv: ["f16", "q8_0"],
    parallel: 1,
    verify: false,
  },
  corpus: {
    ...small.corpus,
    sources: [
      ...small.corpus.sources.map((source) => ({ ...source, share: source.share / 2 })),
      {
        kind: "git",
        id: "code",
        domain: "code",
        share: 0.1,
        ...plain,
        revision: "v1",
        repository: "/home/ada/repo",
        tree: "a".repeat(40),
        include: ["**"],
        exclude: ["*.min.js"],
      },
      {
        kind: "chats",
        id: "chats",
        domain: "medical",
        share: 0.2,
        ...plain,
        field: null,
        group: "user",
        files: [{ path: "/home/ada/chats.jsonl", name: "chats.jsonl" }],
        template: "/home/ada/chat.jinja",
      },
      {
        kind: "command",
        id: "db",
        domain: "medical",
        share: 0.1,
        ...plain,
        ...texts,
        format: "jsonl",
        argv: ["./export.sh", "--all"],
        inputs: [{ path: "/home/ada/export.sh", name: "export.sh" }],
      },
      {
        kind: "stdin",
        id: "piped",
        domain: "medical",
        share: 0.1,
        ...plain,
        ...texts,
        format: "lines",
        file: { path: "/store/piped/1", name: "stdin" },
      },
    ],
  },
};

/** The same as `small` with more text where too little reaches a weight, and weights that are pinned. */
export const toppedUp: Pipeline = {
  ...small,
  imatrix: { ...small.imatrix, coverage: { minTokens: 256, experts: 0.05, topUp: ["notes"], pin: "Q8_0" } },
};

/** With a source outside of the domain, and matrices that are compared. */
export const ablating: Pipeline = {
  ...small,
  corpus: {
    ...small.corpus,
    searchUnits: 16,
    sources: [
      ...small.corpus.sources,
      {
        kind: "files",
        id: "web",
        domain: "general",
        share: 0.25,
        ...plain,
        ...texts,
        files: [{ path: "/home/ada/web/a.txt", name: "a.txt" }],
      },
    ],
  },
  quantize: { types: ["Q8_0", "Q4_K_M", "IQ2_XS"], dominated: "drop" },
  ablation: { matrices: ["none", "general", "domain", "mixed"], types: ["Q4_K_M", "IQ2_XS"], chosen: true },
};

/** With a matrix from elsewhere. */
export const importing: Pipeline = { ...small, imatrix: { ...small.imatrix, import: "/home/ada/imatrix.gguf" } };

/** Pipelines as a checked file may give them: any sources, any ladder, any sizes. */
export const pipelines: fc.Arbitrary<Pipeline> = fc
  .record({
    ids: fc.uniqueArray(fc.oneof(fc.constantFrom("model", "imatrix", "search", "manifest", "1", "command"), label()), {
      minLength: 1,
      maxLength: 6,
    }),
    weights: fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 6, maxLength: 6 }),
    prompts: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
    names: fc.uniqueArray(fc.stringMatching(/^[a-z]{1,4}(\/[a-z]{1,4})?\.txt$/), { minLength: 1, maxLength: 4 }),
    types: fc.shuffledSubarray([...quantTypeNames], { minLength: 1, maxLength: 3 }),
    units: fc.integer({ min: 16, max: 140 }),
    windows: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constantFrom(16, 64, 65)),
    context: fc.integer({ min: 16, max: 4096 }),
    chunks: fc.integer({ min: 1, max: 300 }),
    searchUnits: fc.integer({ min: 0, max: 20 }),
  })
  .map(({ ids, weights, prompts, names, types, units, windows, context, chunks, searchUnits }) => {
    const total = ids.reduce((sum, _, index) => sum + (weights[index] ?? 1), 0);
    const sources = ids.map((id, index): Source => {
      const base = { id, domain: "medical", share: (weights[index] ?? 1) / total, ...plain };
      return prompts[index] === true
        ? { ...base, kind: "prompts", file: `/home/ada/${id}.yaml` }
        : { ...base, ...texts, kind: "files", files: names.map((name) => ({ path: `/home/ada/${id}/${name}`, name })) };
    });
    return {
      ...small,
      corpus: { ...small.corpus, seed: 1, searchUnits, sources },
      imatrix: { ...small.imatrix, chunks, perSource: chunks, context },
      quantize: { types, dominated: "drop" },
      validate: { ...small.validate, units, unit: windows * context, context },
    };
  });

function label(): fc.Arbitrary<string> {
  return fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,6}$/);
}

/** Replaces the files source of `small`. */
export const withNotes = (change: (notes: FilesSource) => FilesSource): Pipeline => ({
  ...small,
  corpus: {
    ...small.corpus,
    sources: small.corpus.sources.map((source) => (source.kind === "files" ? change(source) : source)),
  },
});

/** A store and a disk in memory, on which plans are made and carried out as a run would. */
export class World {
  readonly files = new Map<string, string>();
  readonly gone = new Set<Digest>();
  readonly records = new Map<Key, Known>();
  readonly latest = new Map<StepId, Known>();
  /** Steps that ran, of whose last action nothing can be read any more. */
  readonly damaged = new Set<StepId>();
  tools: Toolchain = toolchain;
  forced: (step: StepId) => boolean = () => false;
  /** Whatever was spent before: nothing of it hangs on what this world makes. */
  ledger: Snapshot["ledger"] = () => sha256("no earlier decision");
  /** What the evidence says of a step; in this world every measurement is needed unless told otherwise. */
  needless: Snapshot["needless"] = () => undefined;

  get snapshot(): Snapshot {
    return {
      toolchain: this.tools,
      digestOf: (path) => sha256(this.files.get(path) ?? path),
      record: (key) => this.records.get(key),
      latest: (step) => (this.damaged.has(step) ? undefined : this.latest.get(step)),
      ran: (step) => this.latest.has(step),
      intact: ({ digest }) => !this.gone.has(digest),
      lies: () => true,
      forced: this.forced,
      ledger: this.ledger,
      needless: this.needless,
    };
  }

  forecast(pipeline: Pipeline): Map<string, Forecast> {
    return new Map(forecast(makePlan(pipeline), this.snapshot).map((each) => [each.step, each]));
  }

  /**
   * Carries out a plan: the bytes of an output are a function of the step's key, unless `equal` names the step: then they
   * come out as they did last time. Outputs that are not kept are dropped. Returns the steps that ran.
   * @param until the step at which the run is killed
   */
  run(pipeline: Pipeline, equal: readonly string[] = [], until?: string): string[] {
    const plan: Plan = makePlan(pipeline);
    const known = new Map<StepId, Known>();
    const ran: string[] = [];
    for (const spec of plan.steps) {
      if (spec.id === until) return ran;
      if (this.needless(spec, (id) => known.get(id)) !== undefined) continue;
      if (spec.lazy === true && this.#isSpared(plan, spec.id, known)) continue;
      const decision = decide(spec, (id) => known.get(id), this.snapshot);
      if (decision.status === "cached") {
        known.set(spec.id, decision.record);
        continue;
      }
      ran.push(spec.id);
      const last = this.latest.get(spec.id);
      const outputs = Object.fromEntries(
        Object.entries(spec.outputs).map(([name, { ephemeral }]) => {
          const made = { digest: fingerprint({ key: decision.key, name }), size: 1 };
          const output = equal.includes(spec.id) ? (last?.outputs[name] ?? made) : made;
          this.gone[ephemeral === true ? "add" : "delete"](output.digest);
          return [name, output];
        }),
      );
      const record = { key: decision.key, document: decision.document, outputs };
      this.records.set(record.key, record);
      this.latest.set(spec.id, record);
      known.set(spec.id, record);
    }
    return ran;
  }

  /** Whether every step that must read it is needless. */
  #isSpared(plan: Plan, id: StepId, known: ReadonlyMap<StepId, Known>): boolean {
    const readers = plan.steps.filter(({ inputs }) =>
      Object.values(inputs).some((ref) => ref.from === "step" && ref.step === id && ref.optional !== true),
    );
    return readers.every((reader) => this.needless(reader, (step) => known.get(step)) !== undefined);
  }
}
