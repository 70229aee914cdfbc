import { stringify } from "yaml";
import * as z from "zod";
import { flag, label, path, phrase, text, word } from "./leaf.ts";
import { fixedFormats, type Format } from "./pipeline.ts";
import { parseDataset } from "./dataset-reference.ts";
import { budget, diskSize, share } from "./quantity-kinds.ts";
import { sourceKinds } from "./source-kinds.ts";
import { sha256Digits, webAddress } from "./web-file.ts";

const globs = (glob: z.ZodString) =>
  z.union([glob, z.array(glob, { error: "a list of globs" }).min(1, { error: "give it at least one glob" })], {
    error: "a glob or a list of globs",
  });

const textGlob = path("a glob such as `../corpora/medical/**/*.txt`");
const chatGlob = path("a glob such as `logs/*.jsonl`");
const inputGlob = path("a glob such as `data/*.db`");

const treeWords = "a glob relative to the root of the repository such as `src/**/*.ts`";
const treeGlob = path(treeWords).refine((glob) => !glob.startsWith("/") && !glob.split("/").includes(".."), {
  error: treeWords,
});

const formats: readonly Format[] = ["auto", ...fixedFormats];

const argvWords = "a list of texts such as `[./export.sh, --all]`";

const argument = text("a text").refine((written) => !written.includes("\0"), { error: "a text without NUL" });

/** A command in one text would need a shell to be cut into arguments, and a shell would do more than that. */
const asShell = z.string().transform((written, context): string[] => {
  const parts = written.split(/\s+/).filter((part) => part !== "");
  const list = stringify(parts, { collectionStyle: "flow", flowCollectionPadding: false, lineWidth: 0 }).trim();
  const help = parts.length === 0 ? undefined : `no shell is used: write \`${list}\``;
  context.addIssue({ code: "custom", message: argvWords, params: { help } });
  return z.NEVER;
});

const argv = z
  .array(argument, { error: argvWords })
  .min(1, { error: "name at least the program" })
  .refine((parts) => parts[0]?.trim() !== "", { error: argvWords });

const datasetWords = "the name of a dataset such as `hf:datasets/owner/name`";

const datasetName = text(datasetWords)
  .max(512, { error: "at most 512 characters long" })
  .refine((written) => parseDataset(written) !== undefined, {
    error: datasetWords,
    params: { help: "a revision stands behind the name: `hf:datasets/owner/name@v1.0`" },
  });

/** One source of the corpus. That it has one kind, and only the keys of that kind, are rules. */
export const sourceSchema = z
  .strictObject(
    {
      id: label("a name of `a-z`, `0-9` and `-` such as `notes`").meta({
        description: "Name of the source; unique in the pipeline.",
        examples: ["notes"],
      }),
      files: globs(textGlob)
        .optional()
        .meta({
          description: "Text files, as a glob or a list of globs relative to this file.",
          examples: ["../corpora/medical/**/*.txt"],
        }),
      git: path("the path of a git repository")
        .optional()
        .meta({
          description: "A local git repository relative to this file, whose files are read as they are in a revision.",
          examples: ["../repo"],
        }),
      prompts: path("the path of a prompt grammar")
        .optional()
        .meta({
          description: "A prompt grammar relative to this file, from which texts are generated.",
          examples: ["../corpora/medical/prompts.yaml"],
        }),
      chats: globs(chatGlob)
        .optional()
        .meta({
          description: "Conversations, one a line in JSON, as a glob or a list of globs relative to this file.",
          examples: ["logs/*.jsonl"],
        }),
      command: z
        .union([asShell, argv], { error: argvWords })
        .meta({ type: "array", minItems: 1, items: { type: "string" } })
        .optional()
        .meta({
          description: "A program and its arguments, run without a shell; what it prints is the text.",
          examples: [["./export.sh", "--all"]],
        }),
      stdin: word("a format of standard input such as `lines`", fixedFormats).optional().meta({
        description: "The text is read from standard input, in this format.",
      }),
      dataset: datasetName.optional().meta({
        description: "A dataset of the Hub with parquet files or JSON Lines, of which as much is read as is needed.",
        examples: ["hf:datasets/owner/name"],
      }),
      url: webAddress("https://example.org/notes.jsonl.gz")
        .optional()
        .meta({ description: "A file of text on the web; its digest is in `sha256`." }),
      sha256: sha256Digits().optional().meta({
        description: "Digest of the file at `url`: without it nobody could tell whether it is the one that was meant.",
      }),
      config: phrase("a configuration such as `en`")
        .optional()
        .meta({ description: "Configuration of a dataset. Default: its own, or its only one.", examples: ["en"] }),
      split: phrase("a split such as `train`").prefault("train").meta({ description: "Split of a dataset." }),
      take: diskSize.optional().meta({
        description: "Text that is taken from a dataset. Default: by what the pipeline asks of the source.",
        examples: ["64MiB"],
      }),
      format: word("a format such as `jsonl`", formats)
        .optional()
        .meta({ description: "How text is cut into documents; `auto` goes by the names of the files." }),
      field: phrase("a field such as `body.text`")
        .optional()
        .meta({ description: "Where in a record its text is: a dotted path (jsonl, dataset), or a column (csv)." }),
      group: phrase("a field such as `customer.id`")
        .optional()
        .meta({ description: "A field or column; records with one value stay on one side of the split." }),
      revision: phrase("a revision such as `main` or `v2.0`")
        .optional()
        .meta({ description: "Branch, tag or commit of a git source. Default: HEAD.", examples: ["v2.0"] }),
      include: globs(treeGlob)
        .optional()
        .meta({ description: "Files of a git source, relative to its root. Default: all.", examples: ["src/**/*.ts"] }),
      exclude: globs(treeGlob)
        .optional()
        .meta({ description: "Files of a git source that are left out.", examples: ["**/*.min.js"] }),
      template: path("the path of a Jinja template")
        .optional()
        .meta({
          description: "How conversations become text. Default: the template of the model.",
          examples: ["chatml.jinja"],
        }),
      inputs: globs(inputGlob)
        .optional()
        .meta({ description: "Files that a command reads: a change runs it again.", examples: ["data/*.db"] }),
      domain: label("a name of `a-z`, `0-9` and `-` such as `medical`").meta({
        description: "What the texts are about. Sources may share a domain; validation picks one or several.",
        examples: ["medical"],
      }),
      share: share.meta({
        description: "Part of the calibration text that comes from this source; the shares add up to 100%.",
      }),
      license: text("the name of a licence such as `CC-BY-4.0`", /\S/)
        .max(200, { error: "at most 200 characters long" })
        .optional()
        .meta({ description: "Licence of the texts, for the record.", examples: ["CC-BY-4.0"] }),
      "max-tokens": budget.optional().meta({ description: "Most calibration tokens taken from this source." }),
      "holdout-only": flag().prefault(false).meta({
        description: "The source never calibrates; its share is its weight in the holdout of its domain.",
      }),
    },
    { error: "a mapping with `id`, `files` or another kind of source, `domain` and `share`" },
  )
  .meta({ title: "source", oneOf: sourceKinds.map((kind) => ({ required: [kind] })) });

/** A source that fits the schema. */
export type WrittenSource = z.output<typeof sourceSchema>;
