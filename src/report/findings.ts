import { layTable } from "./layout.ts";
import { safe } from "./safe.ts";
import { makeStyle } from "./style.ts";

/** One thing that `doctor` looked at. */
export interface Finding {
  readonly subject: string;
  readonly status: "ok" | "missing" | "warning";
  readonly detail: string;
  /** The one line that mends it. */
  readonly remedy?: string;
}

/** What `doctor` found, a line each, and under what is not well the line that mends it. */
export const formatFindings = (findings: readonly Finding[], { color }: { readonly color: boolean }): string => {
  const style = makeStyle(color);
  const words = { ok: style.good("✓ ok"), missing: style.bad("✗ missing"), warning: style.warn("! warning") };
  const columns = ["", "", ""].map((header) => ({ header, align: "left" as const }));
  const [, ...lines] = layTable(
    columns,
    findings.map(({ subject, status, detail }) => [words[status], safe(subject), safe(detail)]),
  );
  return findings
    .flatMap(({ remedy }, index) => [
      lines[index] ?? "",
      ...(remedy === undefined ? [] : [`    ${style.bold("mend it:")} ${safe(remedy)}`]),
    ])
    .map((line) => `${line}\n`)
    .join("");
};
