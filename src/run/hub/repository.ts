import type { FetchFailed } from "../../base/failure.ts";
import type { NoListing } from "./listing.ts";

export const isCommit = (revision: string): boolean => /^[0-9a-f]{40}$/.test(revision);

/** Address of a file. @param repository `owner/name`, of a dataset `datasets/owner/name`; @param path with `/` */
export const fileUrl = (endpoint: string, repository: string, commit: string, path: string): string =>
  `${endpoint}/${repository}/resolve/${commit}/${path.split("/").map(encodeURIComponent).join("/")}`;

/** A repository as a pipeline file names it. */
interface Named {
  readonly written: string;
  readonly repository: string;
  readonly revision: string;
}

/** Why nothing is known of a repository, in words for the file that names it. @param kind `dataset ` or nothing */
export const unlisted = (
  { written, repository, revision }: Named,
  why: NoListing,
  kind = "",
): { readonly failure: FetchFailed } | { readonly wrong: string; readonly help: string } => {
  if (why.kind === "failed") return { failure: why.failure };
  if (why.what === "revision")
    return {
      wrong: `\`${repository}\` has no revision \`${revision}\``,
      help: "a branch, a tag or a commit that it has",
    };
  return {
    wrong: `there is no ${kind}\`${repository}\` on the Hub for us (\`${written}\`)`,
    help: "check the name; a private one needs a token that may read it (HF_TOKEN), and one that has expired is refused",
  };
};
