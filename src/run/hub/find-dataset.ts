import type { DatasetReference } from "../../pipeline/dataset-reference.ts";
import type { DatasetAnswer } from "../../pipeline/reader.ts";
import { fetchFailed } from "../fetch/remote.ts";
import { usualPatience } from "../fetch/patience.ts";
import { openHubClient } from "./client.ts";
import { datasetFiles } from "./dataset-files.ts";
import { listDataset, type DatasetListing, type NoListing } from "./listing.ts";
import { Remembered } from "./remembered.ts";
import { hubSettings } from "./settings.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The files of a dataset. A commit that was looked up once is not asked for again, and without a network that is all there is. */
export const findDataset = async (reference: DatasetReference, environment: Environment): Promise<DatasetAnswer> => {
  const memory = new Remembered<DatasetListing>(environment, "datasets", reference.repository);
  const { offline, endpoint } = hubSettings(environment);
  const isCommit = /^[0-9a-f]{40}$/.test(reference.revision);
  const known = isCommit || offline ? memory.read(reference.revision) : undefined;
  if (known !== undefined) return chosen(reference, known);
  if (offline) return { failure: fetchFailed({ what: reference.written }, "offline", missing) };
  const client = openHubClient(environment, usualPatience.stall);
  try {
    const { written: what, repository, revision } = reference;
    const listed = await listDataset({ client, endpoint, repository, revision, what });
    if (!listed.ok) return refusal(reference, listed.error);
    memory.write(revision, listed.value);
    return chosen(reference, listed.value);
  } finally {
    await client.close();
  }
};

const missing = "was not looked up yet, and the network must not be used";

const chosen = (reference: DatasetReference, listing: DatasetListing): DatasetAnswer => {
  const { written, repository, revision } = reference;
  const { commit, license, gated, configs } = listing;
  const found = datasetFiles(listing.files, configs, reference);
  if (!found.ok) return { ...found.error, wrong: `\`${repository}\`: ${found.error.wrong}` };
  const files = found.value.map(({ path, size: bytes, sha256, oid }) => ({ path, bytes, oid: sha256 ?? oid }));
  return { dataset: { written, repository, revision, commit, license, gated, files } };
};

const refusal = ({ written, repository, revision }: DatasetReference, why: NoListing): DatasetAnswer => {
  if (why.kind === "failed") return { failure: why.failure };
  const help =
    "check the name; a private one needs a token that may read it (HF_TOKEN), and one that has expired is refused";
  return why.what === "revision"
    ? {
        wrong: `\`${repository}\` has no revision \`${revision}\``,
        help: "a branch, a tag or a commit that it has",
        at: "dataset",
      }
    : { wrong: `there is no dataset \`${repository}\` on the Hub for us (\`${written}\`)`, help, at: "dataset" };
};
