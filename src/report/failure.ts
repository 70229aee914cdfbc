import type { Failure } from "../base/failure.ts";
import { describeFailure } from "./describe-failure.ts";
import { formatDiagnostics } from "./diagnostics.ts";
import { makeStyle } from "./style.ts";

/** A failure as it ends a command: what, where, what to do. Mistakes in a pipeline file are shown in their lines. */
export const formatFailure = (
  failure: Failure,
  { color, cwd }: { readonly color: boolean; readonly cwd: string },
): string => {
  if (failure.reason === "invalid-pipeline") return formatDiagnostics(failure.diagnostics, { color, cwd });
  const style = makeStyle(color);
  const { headline, details, help } = describeFailure(failure);
  return [
    `${style.bold(style.bad("error:"))} ${headline}`,
    ...details.map((line) => `  ${line}`),
    ...(help === undefined ? [] : [`${style.bold("help:")} ${help}`]),
    "",
  ].join("\n");
};
