import { unreachable } from "../base/result.ts";
import type { Answer, Command, CommandInput } from "../select/answer.ts";
import { fileName } from "./file-name.ts";
import { epilogue, modelPart, prologue } from "./reproduce-frame.ts";
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
    ...answer.reproduce.map((command, index) => block(command, answer, `${index + 1}/${answer.reproduce.length}`)),
    epilogue(answer, folderOf),
  ].join("\n");

/** A step's folder in `work`: ids hold `/`, and one step's folder must not lie in another's. */
const folderOf = (step: string): string => step.replaceAll("/", "+");

const block = (command: Command, answer: Answer, position: string): string =>
  [
    `# ${safe(command.step)}`,
    `begin ${quote(position)} ${quote(safe(command.step))} ${quote(folderOf(command.step))}`,
    ...Object.entries(command.inputs).map(
      ([name, input]) => `ln -s -- ${target(input, answer)} ${quote(fileName(name))}`,
    ),
    // The sums of the sources' matrices with their weights: no command adds so, and so the file beside the script is taken.
    ...Object.entries(command.inputs).flatMap(([name, { from }]) =>
      from === "result" ? [`check ${quote(fileName(name))} ${quote(answer.imatrix.sha256)}`] : [],
    ),
    `run ${[command.tool, ...command.argv].map(argument).join(" ")}`,
    ...Object.entries(command.outputs).map(([name, digest]) =>
      digest === null ? `exists ${quote(fileName(name))}` : `check ${quote(fileName(name))} ${quote(digest)}`,
    ),
    "",
  ].join("\n");

const target = (input: CommandInput, answer: Answer): string => {
  switch (input.from) {
    case "model":
      return input.part === undefined ? '"$model"' : modelPart(answer, input.part);
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
