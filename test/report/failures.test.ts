import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Failure, FailureReason } from "../../src/base/failure.ts";
import { stepId } from "../../src/base/ids.ts";
import { describeFailure } from "../../src/report/describe-failure.ts";
import { formatFailure } from "../../src/report/failure.ts";

const step = stepId("validate/Q4_K_M/1");
const log = "/cache/logs/ab/cd";
const location = { file: "/home/me/m.yaml", text: "nmae: x\n", start: 0, end: 4 };

const thin = [
  { weight: "blk.0.ffn_up_exps.weight", experts: [1, 2], of: 64, tokens: 0 },
  { weight: "blk.1.attn_q.weight", experts: null, of: 1, tokens: 128 },
];

/** At least one of every reason: the type holds it. */
const all: { readonly [R in FailureReason]: readonly Extract<Failure, { readonly reason: R }>[] } = {
  "invalid-pipeline": [
    {
      reason: "invalid-pipeline",
      diagnostics: [
        { severity: "error", message: "unknown key nmae", location },
        { severity: "warning", message: "a short name", location },
      ],
    },
  ],
  "unusable-argument": [{ reason: "unusable-argument", message: "--jobs must be at least 1, not 0" }],
  "toolchain-missing": [
    {
      reason: "toolchain-missing",
      tried: ["PATH: /usr/bin/llama-quantize is 0.4.0, 0.5 is needed", "managed build: not installed"],
      remedy: "pipeline toolchain install",
    },
  ],
  "toolchain-build-failed": [
    { reason: "toolchain-build-failed", stage: "fetch", message: "no answer from registry.npmjs.org" },
    { reason: "toolchain-build-failed", stage: "compile", message: "c++ ended with exit code 1", log },
  ],
  "model-unusable": [{ reason: "model-unusable", file: "model.gguf", why: "it is quantized already (Q4_K_M)" }],
  "corpus-unreadable": [
    {
      reason: "corpus-unreadable",
      count: 1,
      files: [{ source: "notes", file: "a.txt", why: "it is not valid UTF-8" }],
    },
    {
      reason: "corpus-unreadable",
      count: 1234,
      files: [
        { source: "notes", file: "a.txt", why: "it is not valid UTF-8" },
        { source: "logs", file: "b.jsonl:3", why: "line 3 is no JSON" },
      ],
    },
  ],
  "corpus-overlap": [
    {
      reason: "corpus-overlap",
      domain: "medical",
      rate: 0.25,
      limit: 0.1,
      checked: 40,
      dropped: 10,
      examples: [{ source: "notes", name: "a.txt", runs: 12 }],
    },
  ],
  "source-failed": [
    {
      reason: "source-failed",
      source: "db",
      program: "./export.sh",
      message: "it ended with 3",
      lastLines: ["no such table"],
      log,
    },
  ],
  "corpus-short": (["calibration", "search", "holdout"] as const).map((split) => ({
    reason: "corpus-short",
    source: "notes",
    split,
    wanted: 65_536,
    available: 1234,
  })),
  "tool-failed": [
    {
      reason: "tool-failed",
      tool: "llama-perplexity",
      step,
      exitCode: 1,
      message: "failed to load model",
      lastLines: ["load: error", "\u001b[31mexiting\u001b[0m"],
      log,
    },
    { reason: "tool-failed", tool: "llama-imatrix", step, signal: "SIGKILL", message: "it died", lastLines: [], log },
    { reason: "tool-failed", tool: "llama-imatrix", step, message: "nan in chunk 3", lastLines: [], log },
  ],
  "tool-incomplete": [
    { reason: "tool-incomplete", tool: "llama-perplexity", step, missing: "the row of chunk 32", attempts: 3, log },
  ],
  "tool-stalled": [{ reason: "tool-stalled", tool: "llama-imatrix", step, seconds: 600, log }],
  "imatrix-uncovered": [{ reason: "imatrix-uncovered", step, minTokens: 256, allowed: 0.05, weights: thin, topUp: 12 }],
  "imatrix-unusable": [{ reason: "imatrix-unusable", file: "im\u001batrix.gguf", why: "holds no data" }],
  "artifact-invalid": [
    {
      reason: "artifact-invalid",
      step,
      output: "quant",
      why: "the file ends early",
      quarantined: "/cache/quarantine/1",
    },
    { reason: "artifact-invalid", step, output: "quant", why: "the file ends early" },
  ],
  "not-reproduced": [
    { reason: "not-reproduced", step, output: "logits", expected: "a".repeat(64), got: "b".repeat(64) },
  ],
  "input-changed": [{ reason: "input-changed", step, path: "/models/model.gguf" }],
  "logits-disk": [
    { reason: "logits-disk", need: 2 ** 33, limit: 2 ** 30, mode: "ladder", units: 64 },
    { reason: "logits-disk", need: 2 ** 33, limit: 2 ** 30, mode: "decisive", units: 64 },
  ],
  "disk-short": [
    {
      reason: "disk-short",
      step,
      path: "/cache/store-v1",
      writes: 2 ** 33,
      others: 0,
      margin: 2 ** 29,
      need: 2 ** 33 + 2 ** 29,
      free: 2 ** 32,
    },
    {
      reason: "disk-short",
      step,
      path: "/cache/store-v1",
      writes: 2 ** 33,
      others: 2 ** 30,
      margin: 2 ** 29,
      need: 2 ** 33 + 2 ** 30 + 2 ** 29,
      free: 2 ** 32,
    },
  ],
  "disk-full": [
    { reason: "disk-full", path: "/cache/objects", free: 4096, need: 2 ** 33 },
    { reason: "disk-full", path: "/cache/objects" },
    { reason: "disk-full", path: "/cache/objects", free: 2 ** 40, lacks: "quota" },
    { reason: "disk-full", path: "/cache/objects", free: 2 ** 40, lacks: "inodes" },
  ],
  "file-trouble": [
    { reason: "file-trouble", path: "/out", operation: "write", code: "EACCES" },
    { reason: "file-trouble", path: "/out", operation: "write", code: "EWHAT" },
  ],
  interrupted: [{ reason: "interrupted", signal: "SIGINT" }],
  "frozen-changed": [
    {
      reason: "frozen-changed",
      lock: "/home/me/m.lock",
      problem: "differs",
      changes: [
        { what: "model", name: "sha256", from: "12ab".repeat(16), to: "98cd".repeat(16) },
        {
          what: "source",
          name: "notes",
          from: "aa".repeat(32),
          to: "bb".repeat(32),
          files: { count: 2, first: ["a.txt", "b\n.txt"] },
        },
        { what: "toolchain", name: "version", from: "0.5.0", to: "0.7.0" },
        { what: "setting", name: "validate.units", from: "32", to: "64" },
      ],
    },
    { reason: "frozen-changed", lock: "/home/me/m.lock", problem: "missing", changes: [] },
    { reason: "frozen-changed", lock: "/home/me/m.lock", problem: "damaged", changes: [] },
  ],
  "store-read-only": [
    { reason: "store-read-only", store: "/cache", step },
    { reason: "store-read-only", store: "/cache" },
  ],
  deadline: [
    { reason: "deadline", seconds: 19_800, steps: { done: 1, all: 24 } },
    { reason: "deadline", seconds: 60 },
  ],
};

const every = Object.values(all).flat();

describe("describeFailure", () => {
  test("every reason in words", () => {
    const text = every.map((failure) => {
      const { headline, details, help } = describeFailure(failure);
      return [`${failure.reason}: ${headline}`, ...details.map((line) => `    ${line}`), `    → ${help}`].join("\n");
    });
    expect(text.join("\n")).toMatchInlineSnapshot(`
      "invalid-pipeline: the pipeline has 1 mistake
          /home/me/m.yaml:1:1 error: unknown key nmae
          /home/me/m.yaml:1:1 warning: a short name
          → Correct the places above; \`pipeline check\` shows what is left.
      unusable-argument: --jobs must be at least 1, not 0
          → \`pipeline --help\` lists the commands and their options.
      toolchain-missing: no usable llama.cpp tools were found
          PATH: /usr/bin/llama-quantize is 0.4.0, 0.5 is needed
          managed build: not installed
          → Run \`pipeline toolchain install\`.
      toolchain-build-failed: building llama.cpp failed (fetch): no answer from registry.npmjs.org
          → Check the network and its proxy, then run \`pipeline toolchain install\` again.
      toolchain-build-failed: building llama.cpp failed (compile): c++ ended with exit code 1
          Log: /cache/logs/ab/cd
          → The log holds the compiler's message. Another llama.cpp can be given with \`--llama-cpp DIR\`.
      model-unusable: the model model.gguf cannot be used: it is quantized already (Q4_K_M)
          → Give a whole GGUF file in full precision: F32, F16 or BF16.
      corpus-unreadable: a.txt of source notes cannot be read as text: it is not valid UTF-8
          → Save them as UTF-8, leave them out of the source, or set \`corpus.hygiene.unreadable: skip\` to go on without.
      corpus-unreadable: 1,234 documents cannot be read as text
          a.txt of source notes: it is not valid UTF-8
          b.jsonl:3 of source logs: line 3 is no JSON
          and 1,232 more
          → Save them as UTF-8, leave them out of the source, or set \`corpus.hygiene.unreadable: skip\` to go on without.
      corpus-overlap: held-out medical text shares too much with calibration: 25 % of its documents, and 10 % may
          10 of 40 documents have a run of thirteen words that calibration text has too:
            a.txt of source notes, 12 runs
          → Take copied text out of the sources, keep what belongs together in one file or \`group\`, or raise \`corpus.overlap-limit\`.
      source-failed: ./export.sh did not give the text of source db: it ended with 3
          It ended with:
            no such table
          Log: /cache/logs/ab/cd
          → Mend what it names, then run the same command again. Everything finished is kept: the same command goes on from there.
      corpus-short: source notes has too little text for calibration
          65,536 tokens are wanted, 1,234 are available.
          → Add text to the source, lower \`imatrix.chunks\` or its \`share\`, or set \`corpus.short: allow\` to go on with what there is.
      corpus-short: source notes has too little text for search
          65,536 tokens are wanted, 1,234 are available.
          → Add documents to the source (of a document that reaches the end of a unit the rest is not used), or lower \`corpus.split.search\`.
      corpus-short: source notes has too little text for holdout
          65,536 tokens are wanted, 1,234 are available.
          → Add documents to the source (of a document that reaches the end of a unit the rest is not used), or lower \`validate.units\`.
      tool-failed: llama-perplexity failed with exit code 1 in validate/Q4_K_M/1: failed to load model
          It ended with:
            load: error
            \\x1b[31mexiting\\x1b[0m
          Log: /cache/logs/ab/cd
          → Read the log, mend what it names, then run the same command again. Everything finished is kept: the same command goes on from there.
      tool-failed: llama-imatrix was ended by SIGKILL in validate/Q4_K_M/1: it died
          Log: /cache/logs/ab/cd
          → The system may have run out of memory: try \`--jobs 1\`. Everything finished is kept: the same command goes on from there.
      tool-failed: llama-imatrix failed in validate/Q4_K_M/1: nan in chunk 3
          Log: /cache/logs/ab/cd
          → Read the log, mend what it names, then run the same command again. Everything finished is kept: the same command goes on from there.
      tool-incomplete: llama-perplexity left its output incomplete in validate/Q4_K_M/1: the row of chunk 32
          It was run 3 times.
          Log: /cache/logs/ab/cd
          → Run the same command again. If this stays, try another version of llama.cpp. Everything finished is kept: the same command goes on from there.
      tool-stalled: llama-imatrix did nothing for 10 m in validate/Q4_K_M/1 and was ended
          Log: /cache/logs/ab/cd
          → Run the same command again; raise \`timeouts.stall\` if this machine is slow or was asleep. Everything finished is kept: the same command goes on from there.
      imatrix-uncovered: too little calibration text reached 2 weights: less than 256 tokens
          Of the experts of a weight, 5 % may have less. Here:
            blk.0.ffn_up_exps.weight: experts 1, 2 (2 of 64), the least with 0 tokens
            blk.1.attn_q.weight: 128 tokens
          The sources gave 12 chunks more, and have no more to give.
          → Add sources that reach them (\`imatrix.coverage.top-up\` draws more text), ask for less (\`min-tokens\`, \`experts\`), or give these weights a type that needs no matrix (\`pin: Q8_0\`).
      imatrix-unusable: the importance matrix im\\x1batrix.gguf cannot be used with this model: it holds no data
          → Give a whole matrix of this very model, or leave \`imatrix.import\` out to collect one.
      artifact-invalid: output quant of validate/Q4_K_M/1 failed its check: the file ends early
          The file was put aside: /cache/quarantine/1
          → Nothing was published. Check disk and memory, then run the same command again.
      artifact-invalid: output quant of validate/Q4_K_M/1 failed its check: the file ends early
          → Nothing was published. Check disk and memory, then run the same command again.
      not-reproduced: output logits of validate/Q4_K_M/1 came out different when it was made again
          expected aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
          got      bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
          → Run again with \`--force validate/Q4_K_M/1\` to make it and all that depends on it anew.
      input-changed: /models/model.gguf changed while validate/Q4_K_M/1 read it
          What the step made was not kept: it could have come from the old bytes, the new ones, or both.
          → Wait until the file is complete, then run the same command again. Everything finished is kept: the same command goes on from there.
      logits-disk: base logits would take 8.00 GiB, and \`validate.logits-disk\` allows 1.00 GiB
          The largest shard has 64 units.
          → Raise the limit, or lower \`validate.units\`.
      logits-disk: base logits would take 8.00 GiB, and \`validate.logits-disk\` allows 1.00 GiB
          In \`decisive\` mode those of all shards are kept.
          → Raise the limit, or use \`select.mode: ladder\`, which keeps one shard at a time.
      disk-short: validate/Q4_K_M/1 was not begun: it needs 8.50 GiB on the disk of /cache/store-v1, where 4.00 GiB are free
          It writes 8.00 GiB, and 512 MiB are to stay free.
          → Free some space, or put the store elsewhere with \`--cache DIR\`, or the results with \`--out DIR\`. Everything finished is kept: the same command goes on from there.
      disk-short: validate/Q4_K_M/1 was not begun: it needs 9.50 GiB on the disk of /cache/store-v1, where 4.00 GiB are free
          It writes 8.00 GiB, steps that run now still write 1.00 GiB, and 512 MiB are to stay free.
          → Free some space, or put the store elsewhere with \`--cache DIR\`, or the results with \`--out DIR\`. Everything finished is kept: the same command goes on from there.
      disk-full: the disk is full: /cache/objects
          4.00 KiB are free.
          8.00 GiB were to be written in all.
          → Free some space, or put the store elsewhere with \`--cache DIR\`, or the results with \`--out DIR\`. Everything finished is kept: the same command goes on from there.
      disk-full: the disk is full: /cache/objects
          → Free some space, or put the store elsewhere with \`--cache DIR\`, or the results with \`--out DIR\`. Everything finished is kept: the same command goes on from there.
      disk-full: a quota is used up: /cache/objects
          1.00 TiB are free on the disk itself.
          → Free some space, ask for a larger quota, or put the store elsewhere with \`--cache DIR\`, or the results with \`--out DIR\`. Everything finished is kept: the same command goes on from there.
      disk-full: the disk can hold no more files (no inodes are left): /cache/objects
          1.00 TiB are free.
          → Remove files that are not needed, or put the store elsewhere with \`--cache DIR\`, or the results with \`--out DIR\`. Everything finished is kept: the same command goes on from there.
      file-trouble: cannot write /out: permission denied (EACCES)
          → Change the permissions, or choose another place.
      file-trouble: cannot write /out: EWHAT
          → Check the path and the disk, then run the same command again.
      interrupted: stopped by SIGINT
          → Everything finished is kept: the same command goes on from there.
      frozen-changed: this run would use other things than /home/me/m.lock says
          model sha256 12ab12ab12ab… → 98cd98cd98cd…
          corpus notes changed (2 files: a.txt, b\\n.txt)
          toolchain 0.5.0 → 0.7.0
          setting validate.units 32 → 64
          → Put back what changed; if it was meant to, \`pipeline run FILE --update-lock\` writes it anew.
      frozen-changed: there is no /home/me/m.lock to hold a frozen run to
          → \`pipeline run FILE --update-lock\` writes it; then commit it.
      frozen-changed: /home/me/m.lock is no lock file of this version
          → Restore it, or \`pipeline run FILE --update-lock\` writes it anew.
      store-read-only: the store /cache may only be read, and what validate/Q4_K_M/1 makes is not in it
          → Run it where the store may be written to, or use one of your own with \`--cache DIR\`.
      store-read-only: the store /cache may only be read, and what was piped in is not in it
          → Run it where the store may be written to, or use one of your own with \`--cache DIR\`.
      deadline: the deadline of 5 h 30 m was reached
          1 of 24 steps are done.
          → Everything finished is kept: the same command goes on from there.
      deadline: the deadline of 1 m was reached
          → Everything finished is kept: the same command goes on from there."
    `);
  });

  test("every part is one line without control characters, and says what to do", () => {
    for (const failure of every) {
      const { headline, details, help } = describeFailure(failure);
      expect(help).toBeDefined();
      // oxlint-disable-next-line no-control-regex -- they are what is looked for
      for (const line of [headline, ...details, help ?? ""]) expect(line).not.toMatch(/[\u0000-\u001f]/);
      expect(headline).not.toMatch(/\.$/);
    }
  });

  test("text from tools and file names cannot draw on the terminal", () => {
    const failure: Failure = { reason: "model-unusable", file: "a\u001b[2J\n\u202eb.gguf", why: "no GGUF" };
    expect(describeFailure(failure).headline).toContain(String.raw`a\x1b[2J\n\u202eb.gguf`);
  });
});

describe("formatFailure", () => {
  test("headline, details and help", () => {
    expect(formatFailure(all["tool-incomplete"][0]!, { color: false, cwd: "/" })).toMatchInlineSnapshot(`
      "error: llama-perplexity left its output incomplete in validate/Q4_K_M/1: the row of chunk 32
        It was run 3 times.
        Log: /cache/logs/ab/cd
      help: Run the same command again. If this stays, try another version of llama.cpp. Everything finished is kept: the same command goes on from there.
      "
    `);
  });

  test("mistakes in a pipeline are shown in their lines", () => {
    const text = formatFailure(all["invalid-pipeline"][0]!, { color: false, cwd: "/home/me" });
    expect(text).toContain("m.yaml:1:1 error: unknown key nmae\n    1 | nmae: x\n      | ~~~~\n");
    expect(text).toMatch(/1 error, 1 warning\n$/);
  });

  test("colour only adds codes", () => {
    for (const failure of every) {
      const colored = formatFailure(failure, { color: true, cwd: "/" });
      // oxlint-disable-next-line no-control-regex -- the codes are what is removed
      expect(colored.replaceAll(/\u001b\[\d+m/g, "")).toBe(formatFailure(failure, { color: false, cwd: "/" }));
    }
  });
});

describe("docs/failures.md", () => {
  const docs = readFileSync(new URL("../../docs/failures.md", import.meta.url), "utf8");
  const source = readFileSync(new URL("../../src/base/failure.ts", import.meta.url), "utf8");
  const reasons = [...source.matchAll(/readonly reason: "([a-z-]+)"/g)].map(([, reason]) => reason ?? "");

  test("the source's reasons are those of this test", () => {
    expect(reasons.toSorted()).toEqual(Object.keys(all).toSorted());
  });

  test.each(reasons)("%s has a section with an exit code and what to do", (reason) => {
    const section = docs.split(`\n## ${reason}\n`)[1]?.split("\n## ")[0] ?? "";
    expect(section).toMatch(/[Ee]xit code \d/);
    expect(section).toContain("What to do:");
    expect(docs).toContain(`[${reason}](#${reason})`);
  });

  test("explains no reason that does not exist", () => {
    const sections = [...docs.matchAll(/^## (\S+)$/gm)].map(([, name]) => name ?? "");
    expect(sections.toSorted()).toEqual(reasons.toSorted());
  });
});
