import { formatBytes } from "../base/units.ts";
import type { DatasetOutlook, TextOutlook } from "../run/text-outlook.ts";
import { plural } from "./quantity.ts";
import { safe } from "./safe.ts";

/** What text is read from elsewhere, one line a source. */
export const textLines = (texts: readonly TextOutlook[]): string[] =>
  texts.map((text) =>
    text.kind === "dataset"
      ? datasetLine(text)
      : `The source ${safe(text.source)} is a file of ${safe(text.host)}, SHA-256 ${text.sha256.slice(0, 16)}…`,
  );

const datasetLine = ({ source, repository, files, bytes, take, field, ...text }: DatasetOutlook): string => {
  const { revision, commit, config, split, license, gated } = text;
  const at = revision === commit ? commit : `${safe(revision)}, which is ${commit} now`;
  const part = `${config === null ? "" : `configuration ${safe(config)}, `}split ${safe(split)}`;
  const terms = license === null ? "no licence is stated" : `licence ${safe(license)}`;
  return (
    `The source ${safe(source)} takes about ${formatBytes(take)} of text from the field ${safe(field)} of ` +
    `${plural(files, "file")} (${formatBytes(bytes)}) in ${safe(repository)}, ${part}, at ${at}; ` +
    `${terms}${gated ? "; only those may read it who were given access" : ""}`
  );
};
