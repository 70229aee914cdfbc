import { describe, expect, test } from "vitest";
import { parsePipeline } from "../../src/pipeline/load.ts";
import { brief, memoryReader, pipelineFile, problemsOf, withMistake, world } from "./memory-reader.ts";
import { extras, files, original, said, tree, withSource } from "./with-source.ts";

const loaded = async (source: string) => {
  const result = await parsePipeline(pipelineFile, withSource(source), memoryReader(files, extras));
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value.pipeline.corpus.sources[2];
};

const common = { id: "general", domain: "general", share: 0.3, license: null, maxTokens: null, holdoutOnly: false };
const log = { path: "/home/ada/logs/a.jsonl", name: "a.jsonl" };

describe("a source of each kind", () => {
  test.each([
    [
      "files: ../logs/*, field: body.text, group: customer.id",
      {
        kind: "files",
        format: "auto",
        field: "body.text",
        group: "customer.id",
        files: [log, { path: "/home/ada/logs/b.csv", name: "b.csv" }],
      },
    ],
    [
      "files: ../logs/*.jsonl, format: JSONL",
      { kind: "files", format: "jsonl", field: null, group: null, files: [log] },
    ],
    [
      "git: ../repo",
      { kind: "git", repository: "/home/ada/repo", revision: "HEAD", tree, include: ["**"], exclude: [] },
    ],
    [
      'git: ../repo, revision: v2.0, include: "src/**/*.ts", exclude: ["**/*.min.js", a/*]',
      {
        kind: "git",
        repository: "/home/ada/repo",
        revision: "v2.0",
        tree,
        include: ["src/**/*.ts"],
        exclude: ["**/*.min.js", "a/*"],
      },
    ],
    ["prompts: ../corpora/medical/prompts.yaml", { kind: "prompts", file: "/home/ada/corpora/medical/prompts.yaml" }],
    ["chats: ../logs/*.jsonl", { kind: "chats", files: [log], field: null, group: null, template: null }],
    [
      "chats: [../logs/a.jsonl], field: turns, group: user, template: chatml.jinja",
      {
        kind: "chats",
        files: [log],
        field: "turns",
        group: "user",
        template: "/home/ada/pipelines/chatml.jinja",
      },
    ],
    [
      "command: [./export.sh, --all, ''], inputs: export.sh, format: jsonl, field: text",
      {
        kind: "command",
        argv: ["./export.sh", "--all", ""],
        inputs: [{ path: "/home/ada/pipelines/export.sh", name: "export.sh" }],
        format: "jsonl",
        field: "text",
        group: null,
      },
    ],
    ["command: [psql]", { kind: "command", argv: ["psql"], inputs: [], format: "text", field: null, group: null }],
    ["stdin: Lines", { kind: "stdin", format: "lines", field: null, group: null, file: null }],
    [
      `url: "https://example.org/a/b.csv.gz?key=1", sha256: ${"ab".repeat(32)}, field: body`,
      {
        kind: "url",
        url: "https://example.org/a/b.csv.gz?key=1",
        sha256: "ab".repeat(32),
        format: "csv",
        field: "body",
        group: null,
      },
    ],
    ["stdin: csv, field: a b", { kind: "stdin", format: "csv", field: "a b", group: null, file: null }],
  ])("%s", async (source, expected) => {
    expect(await loaded(source)).toEqual({ ...common, ...expected });
  });

  test("may have a licence, a budget of tokens and be held out only", async () => {
    const text = "stdin: lines, license: 'CC-BY-4.0, by Ada', max-tokens: 1.5M tokens";
    expect(await loaded(text)).toMatchObject({ license: "CC-BY-4.0, by Ada", maxTokens: 1_500_000 });
    const held = withMistake(
      ["domain: medical, share: 20%", "domain: medical, share: 250%, holdout-only: true"],
      ["share: 30%", "share: 50%"],
    );
    const refused = brief(await problemsOf(held));
    expect(refused).toEqual(["«250%» `share` must be above `0%` and at most `100%`, not `250%`"]);
    const result = await parsePipeline(pipelineFile, held.replace("250%", "100%"), memoryReader(world));
    expect(result.ok && result.value.pipeline.corpus.sources[1]).toMatchObject({ share: 1, holdoutOnly: true });
  });
});

describe("keys of another kind", () => {
  test.each([
    [
      "files: ../logs/*, revision: main",
      "«revision» `revision` is not a key of a `files` source (`revision` belongs to `git`)",
    ],
    [
      "files: ../logs/*, include: a",
      "«include» `include` is not a key of a `files` source (`include` belongs to `git`)",
    ],
    ["stdin: lines, exclude: a", "«exclude» `exclude` is not a key of a `stdin` source (`exclude` belongs to `git`)"],
    [
      "git: ../repo, template: nowhere.jinja",
      "«template» `template` is not a key of a `git` source (`template` belongs to `chats`)",
    ],
    [
      "chats: ../logs/*, inputs: no",
      "«inputs» `inputs` is not a key of a `chats` source (`inputs` belongs to `command`)",
    ],
    [
      "chats: ../logs/*, format: csv",
      "«format» `format` is not a key of a `chats` source (`format` belongs to `files`, `command` and `url`)",
    ],
    [
      "stdin: lines, format: lines",
      "«format» `format` is not a key of a `stdin` source (`stdin` itself names the format, such as `stdin: jsonl`)",
    ],
    [
      "prompts: ../corpora/medical/prompts.yaml, field: text",
      "«field» `field` is not a key of a `prompts` source (`field` belongs to `files`, `chats`, `command`, `stdin`, `dataset` and `url`)",
    ],
    [
      "git: ../repo, group: a",
      "«group» `group` is not a key of a `git` source (`group` belongs to `files`, `chats`, `command`, `stdin` and `url`)",
    ],
    [
      "stdin: lines, include: [1, 2]",
      "«include» `include` is not a key of a `stdin` source (`include` belongs to `git`)",
    ],
    [
      "stdin: lines, template: ",
      "«template» `template` is not a key of a `stdin` source (`template` belongs to `chats`)",
    ],
  ])("%s", async (source, expected) => {
    expect(await said(source)).toEqual([expected]);
  });
});

describe("fields and formats", () => {
  const needs = (key: string, format: string, at: string) =>
    `«${key}» \`${key}\` makes no sense with the format \`${format}\` (a record has fields: give it \`${at}: jsonl\` or \`${at}: csv\`)`;

  test.each([
    [
      "files: ../logs/*, format: text, field: a",
      [`${needs("field", "text", "format")} [«text» the format is given here]`],
    ],
    [
      "files: ../logs/*, format: lines, field: a, group: b",
      [
        `${needs("field", "lines", "format")} [«lines» the format is given here]`,
        `${needs("group", "lines", "format")} [«lines» the format is given here]`,
      ],
    ],
    ["command: [x], field: a", [needs("field", "text", "format")]],
    ["stdin: text, group: a", [`${needs("group", "text", "stdin")} [«text» the format is given here]`]],
    [
      "files: ../corpora/general/c.txt, field: a",
      [
        "«field» `field` makes no sense here: by their names, all the files are plain text (say what they are: `format: jsonl` or `csv`)",
      ],
    ],
    [
      "files: ../corpora/general/c.txt, format: auto, group: a",
      [
        "«group» `group` makes no sense here: by their names, all the files are plain text (say what they are: `format: jsonl` or `csv`)",
      ],
    ],
    [
      "command: [x], format: auto",
      [
        "«auto» `auto` goes by the name of a file, and what a command prints has none (say `text`, `lines`, `jsonl` or `csv`)",
      ],
    ],
    [
      "stdin: jsonl, field: a..b",
      ["«a..b» a name is missing beside a dot of `field` (write a path such as `body.text`)"],
    ],
    [
      "chats: ../logs/*, group: .b",
      ["«.b» a name is missing beside a dot of `group` (write a path such as `body.text`)"],
    ],
    ["stdin: csv, field: a..b", []],
    ["files: ../logs/*, format: jsonl, field: a", []],
    ["files: [../logs/a.jsonl, ../corpora/general/c.txt], field: a", []],
    ["stdin: jsnl, field: a", ["«jsnl» `jsnl` is not a format of standard input (did you mean `jsonl`?)"]],
    ["stdin: auto", ["«auto» `auto` is not a format of standard input (known are text, lines, jsonl, csv)"]],
    [
      "stdin: true",
      ['«true» `stdin` must be a format of standard input such as `lines`, not `true` (put it in quotes: `"true"`)'],
    ],
    ["files: ../logs/*, format: cvs, group: x", ["«cvs» `cvs` is not a format (did you mean `csv`?)"]],
    ["stdin: csv, field: ''", ["«''» `field` must be a field such as `body.text`, not `''`"]],
  ])("%s", async (source, expected) => {
    expect(await said(source)).toEqual(expected);
  });
});

describe("commands", () => {
  const list = "`command` must be a list of texts such as `[./export.sh, --all]`";

  test.each([
    [
      "command: ./export.sh --all",
      `«./export.sh --all» ${list}, not \`./export.sh --all\` (no shell is used: write \`[./export.sh, --all]\`)`,
    ],
    [
      "command: '  a   5 [b '",
      `«'  a   5 [b '» ${list}, not \`' a 5 [b '\` (no shell is used: write \`[a, "5", "[b"]\`)`,
    ],
    ["command: ''", `«''» ${list}, not \`''\``],
    ["command: []", "«[]» `command` is empty (name at least the program)"],
    ["command: [' ', a]", `«[' ', a]» ${list}, not a list`],
    ["command: { run: a }", `«{ run: a }» ${list}, not a mapping`],
    ["command: [a, 5]", '«5» an entry of `command` must be a text, not `5` (put it in quotes: `"5"`)'],
    ['command: [a, "b\\0"]', '«"b\\0"» an entry of `command` must be a text without NUL, not `"b\\0"`'],
    ["command: [./exprt.sh]", "«./exprt.sh» there is no file `./exprt.sh` (did you mean `./export.sh`?)"],
    ["command: [a], inputs: '*.db'", "«'*.db'» `*.db` matches no file (looked in `/home/ada/pipelines`)"],
    ["command: [a], inputs: []", "«[]» `inputs` is empty (give it at least one glob)"],
  ])("%s", async (source, expected) => {
    expect(await said(source)).toEqual([expected]);
  });
});

describe("chats", () => {
  test.each([
    ["chats: ../logs/*.json", "«../logs/*.json» `../logs/*.json` matches no file (looked in `/home/ada/logs`)"],
    [
      "chats: ../logs/*, template: chatlm.jinja",
      "«chatlm.jinja» there is no file `chatlm.jinja` (did you mean `chatml.jinja`?)",
    ],
    ["chats: []", "«[]» `chats` is empty (give it at least one glob)"],
  ])("%s", async (source, expected) => {
    expect(await said(source)).toEqual([expected]);
  });
});

describe("standard input", () => {
  test("is read by one source only", async () => {
    const text = withMistake([original, "stdin: lines, domain: general, share: 30%"]);
    const second = text.replace("prompts: ../corpora/medical/prompts.yaml", "stdin: jsonl");
    expect(brief(await problemsOf(second))).toEqual([
      "«stdin» standard input can be read by one source only [«stdin» it is first read here]",
    ]);
  });
});

describe("holding out only", () => {
  test("leaves at least one source that calibrates", async () => {
    const all = withMistake()
      .replaceAll(/(share: \d+%)/g, "$1, holdout-only: true")
      .replace("domain: general", "domain: medical");
    expect(brief(await problemsOf(all))).toEqual([
      "«sources» every source is held out, so there is nothing to calibrate on (take `holdout-only` off at least one source, or add one with text to calibrate on)",
    ]);
  });

  test("and a budget of calibration tokens exclude each other", async () => {
    const text = withMistake(
      ["domain: medical, share: 20%", "domain: medical, share: 20%, holdout-only: true, max-tokens: 5"],
      ["share: 30%", "share: 50%"],
    );
    expect(brief(await problemsOf(text))).toEqual([
      "«max-tokens» `max-tokens` limits calibration, and a source that is held out only never calibrates (remove one of the two)",
    ]);
  });

  test("in a domain that is not validated is for nothing, which is a warning", async () => {
    const text = withMistake(["share: 30%", "share: 30%, holdout-only: true"], ["share: 50%", "share: 80%"]);
    expect(brief(await problemsOf(text))).toEqual([
      "warning: «general» a source of domain `general` that is held out only is never used (text is held out of the validated domain, `medical`)",
    ]);
  });
});

describe("single values", () => {
  test.each([
    ["stdin: lines, max-tokens: 0", "«0» `max-tokens` must be at least `1`, not `0`"],
    [
      "stdin: lines, max-tokens: 1.5",
      "«1.5» `max-tokens` must be a number of tokens such as `200k`, not `1.5` (the accepted units are `tokens`, `k` (1,000) and `M` (1,000,000))",
    ],
    [
      "stdin: lines, max-tokens: 5 GB",
      "«5 GB» `max-tokens` must be a number of tokens such as `200k`, not `5 GB` (the accepted units are `tokens`, `k` (1,000) and `M` (1,000,000))",
    ],
    ["stdin: lines, holdout-only: yes", "«yes» `holdout-only` must be `true` or `false`, not `yes`"],
    ["stdin: lines, holdout-only: 1", "«1» `holdout-only` must be `true` or `false`, not `1`"],
    ["stdin: lines, license: ' '", "«' '» `license` must be the name of a licence such as `CC-BY-4.0`, not `' '`"],
    [
      `stdin: lines, license: ${"x".repeat(201)}`,
      `«${"x".repeat(201)}» \`license\` must be at most 200 characters long, not \`${"x".repeat(39)}…\``,
    ],
    [
      `files: ${"x/".repeat(2049)}`,
      `«${"x/".repeat(2049)}» \`files\` must be at most 4096 characters long, not \`${"x/".repeat(19)}x…\``,
    ],
  ])("%s", async (source, expected) => {
    expect(await said(source)).toEqual([expected]);
  });

  test("a licence may have 200 characters", async () => {
    expect(await said(`stdin: lines, license: ${"x".repeat(200)}`)).toEqual([]);
  });
});
