import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import picomatch from "picomatch";
import { fileFailure } from "../../base/failure.ts";
import { err, type Result } from "../../base/result.ts";
import { takeDataset, type DatasetParams } from "./dataset.ts";
import type { StepContext, StepImplementation } from "./step.ts";
import { fetchText } from "./url-text.ts";

type SourceParams =
  | {
      readonly from: "git";
      readonly tree: string;
      readonly include: readonly string[];
      readonly exclude: readonly string[];
    }
  | { readonly from: "command"; readonly argv: readonly string[] }
  | { readonly from: "url"; readonly sha256: string }
  | DatasetParams;

/** Texts that lie in no file: what a command prints, the files of a revision, what is brought from elsewhere. */
export const source: StepImplementation = {
  run: async (context) => {
    const params = context.spec.params as unknown as SourceParams;
    const content = context.path("content");
    const { remote } = context.spec;
    if (params.from === "git") return readRevision(context, params, content);
    if (params.from === "dataset" && remote !== undefined && "dataset" in remote)
      return takeDataset(context, params, remote.dataset);
    if (params.from === "url" && remote !== undefined && "url" in remote)
      return fetchText(context, remote.url, params.sha256);
    if (params.from !== "command") throw new Error(`Internal error: ${context.spec.id} knows no place`);
    const [program = "", ...argv] = params.argv;
    return capture(context, { program, argv, output: content });
  },
};

interface Capture {
  readonly program: string;
  readonly argv: readonly string[];
  /** File that gets the program's output. */
  readonly output: string;
  /** File that it reads as its standard input. */
  readonly input?: string;
}

/** Runs a program in the user's folder; its output goes to a file as it is. */
const capture = async (context: StepContext, { output, ...program }: Capture): Promise<Result<null>> => {
  const file = openSync(output, "w");
  let trouble: unknown;
  const write = (bytes: Uint8Array): void => {
    try {
      for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
    } catch (error) {
      trouble ??= error;
    }
  };
  const run = await context.program(program, write);
  closeSync(file);
  return trouble === undefined ? run : err(fileFailure(trouble, output, "write"));
};

/** Names are read first and filtered here: git's own patterns are not the globs of a pipeline file. */
const readRevision = async (
  context: StepContext,
  { tree, include, exclude }: Extract<SourceParams, { from: "git" }>,
  content: string,
): Promise<Result<null>> => {
  const list = join(context.scratch, "tree.list");
  const listed = await capture(context, {
    program: "git",
    argv: ["ls-tree", "-r", "-z", "--full-tree", tree],
    output: list,
  });
  if (!listed.ok) return listed;
  const wanted = picomatch([...include], { dot: true, ignore: [...exclude] });
  const files = parseTree(readFileSync(list, "utf8")).filter(({ name }) => wanted(name));
  const objects = join(context.scratch, "objects.list");
  writeFileSync(objects, files.map(({ object }) => `${object}\n`).join(""));
  writeFileSync(context.path("names"), `${JSON.stringify(files.map(({ name }) => name))}\n`);
  return capture(context, { program: "git", argv: ["cat-file", "--batch"], output: content, input: objects });
};

/** Regular files of `git ls-tree -z`: links and submodules have no text of their own. */
const parseTree = (listing: string): { readonly object: string; readonly name: string }[] =>
  listing.split("\0").flatMap((line) => {
    const [, object, name] = /^100\d{3} blob ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
    return object === undefined || name === undefined ? [] : [{ object, name }];
  });
