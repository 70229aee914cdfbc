import { unreachable } from "../base/result.ts";
import type { Answer, Command, CommandInput } from "../select/answer.ts";
import { epilogue, prologue } from "./reproduce-frame.ts";
import { safe } from "./safe.ts";
import { quote } from "./shell.ts";

export interface ReproduceOptions {
  /** Where the model is, relative to the folder of the results; used when the script gets no argument. */
  readonly model: string;
}

/**
 * `reproduce.sh`: the exact commands by hand, each in a folder of its own in which every file has the name it had in
 * the run, because tools write some of these names into their output.
 */
export const formatReproduceScript = (answer: Answer, { model }: ReproduceOptions): string =>
  [
    prologue(answer, model),
    ...answer.reproduce.map((command, index) => block(command, `${index + 1}/${answer.reproduce.length}`, answer)),
    epilogue(answer, folderOf),
  ].join("\n");

/** A step's folder in `work`: ids hold `/`, and one step's folder must not lie in another's. */
const folderOf = (step: string): string => step.replaceAll("/", "+");

const block = (command: Command, position: string, { imatrix }: Answer): string =>
  [
    `# ${safe(command.step)}`,
    `begin ${quote(position)} ${quote(safe(command.step))} ${quote(folderOf(command.step))}`,
    ...Object.entries(command.inputs).map(([name, input]) => `ln -s -- ${target(input)} ${quote(fileName(name))}`),
    // The sums of the sources' matrices with their weights: no command adds so, and so the file beside the script is taken.
    ...Object.entries(command.inputs).flatMap(([name, { from }]) =>
      from === "result" ? [`check ${quote(fileName(name))} ${quote(imatrix.sha256)}`] : [],
    ),
    `run ${[command.tool, ...command.argv].map(argument).join(" ")}`,
    ...Object.entries(command.outputs).map(([name, digest]) =>
      digest === null ? `exists ${quote(fileName(name))}` : `check ${quote(fileName(name))} ${quote(digest)}`,
    ),
    "",
  ].join("\n");

const target = (input: CommandInput): string => {
  switch (input.from) {
    case "model":
      return '"$model"';
    case "corpus":
      return `"$here"/corpus/${quote(fileName(input.file))}`;
    case "result":
      return `"$here"/${quote(fileName(input.file))}`;
    case "command":
      return `"$work"/${quote(folderOf(input.step))}/${quote(fileName(input.file))}`;
    default:
      return unreachable(input);
  }
};

/** `{threads}` becomes the script's own variable; everything else is taken literally. */
const argument = (text: string): string =>
  text
    .split("{threads}")
    .map(
      (part, index, parts) =>
        (part === "" && parts.length > 1 ? "" : quote(part)) + (index < parts.length - 1 ? '"$threads"' : ""),
    )
    .join("");

/** A bare name: one with a folder could leave the working directory. */
const fileName = (name: string): string => {
  if (name === "" || name === "." || name === ".." || name.includes("/"))
    throw new Error(`Internal error: not a file name: ${name}`);
  return name;
};
