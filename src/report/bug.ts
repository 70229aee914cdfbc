import { safe } from "./safe.ts";

export interface Versions {
  /** of this program */
  readonly program: string;
  readonly node: string;
  readonly platform: string;
}

/** What is printed when something was thrown: only bugs are. The one place that shows a stack trace. */
export const formatBug = (error: unknown, { program, node, platform }: Versions): string => {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
  // The stack repeats the message, which may have several lines, in front of its first frame.
  const frames = (stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return [
    `This is a bug in pipeline: ${safe(message)}`,
    "",
    `pipeline ${safe(program)}, node ${safe(node)}, ${safe(platform)}`,
    ...frames.map((line) => `  ${safe(line.trim())}`),
    "",
    "Please report it with the lines above and the command you ran. Finished steps are kept.",
    "",
  ].join("\n");
};
