import { formatBytes } from "../base/units.ts";
import type { ModelOutlook } from "../run/model-outlook.ts";
import { formatCount, plural } from "./quantity.ts";
import { safe } from "./safe.ts";

/** What a model from elsewhere is, and what fetching it takes; one line each. */
export const modelLines = (model: ModelOutlook): string[] => [factsLine(model), ...originLine(model), fetchLine(model)];

const factsLine = ({
  architecture,
  fileType,
  parameters,
  tensors,
  bytes,
  files,
  contextLength,
}: ModelOutlook): string =>
  `The model is ${safe(architecture)} in ${safe(fileType).toUpperCase()}: ${formatCount(parameters)} parameters in ` +
  `${plural(tensors, "tensor")}, ${formatBytes(bytes)} in ${plural(files, "file")}` +
  (contextLength === null ? "" : `, trained on ${formatCount(contextLength)} tokens of context`);

const originLine = ({ repository, revision, commit, license, gated }: ModelOutlook): string[] => {
  if (repository === null || commit === null) return [];
  const at = revision === commit ? commit : `${safe(revision ?? "")}, which is ${commit} now`;
  const terms = license === null ? "no licence is stated" : `licence ${safe(license)}`;
  return [
    `It is ${safe(repository)} at ${at}; ${terms}${gated ? "; only those may fetch it who were given access" : ""}`,
  ];
};

const fetchLine = ({ missing, folder, free, fits }: ModelOutlook): string => {
  if (missing === 0) return `It is here already, below ${safe(folder)}`;
  const room = free === null ? "" : `, where ${formatBytes(free)} are free${fits ? "" : ": it will not fit"}`;
  return `The run fetches ${formatBytes(missing)} to ${safe(folder)}${room}`;
};
