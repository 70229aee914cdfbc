import type { ModelFacts } from "../select/answer.ts";

/** The digest of the model in Markdown: of several files that of each, in their order. */
export const modelDigests = ({ sha256, parts }: Pick<ModelFacts, "sha256" | "parts">): string =>
  parts === undefined
    ? `SHA-256 \`${sha256}\``
    : `in ${parts.length} files with SHA-256 ${parts.map((part) => `\`${part.sha256}\``).join(", ")}`;
