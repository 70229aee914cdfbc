import type { DatasetReference } from "../../pipeline/dataset-reference.ts";
import type { DatasetAnswer } from "../../pipeline/reader.ts";
import { fetchFailed } from "../fetch/remote.ts";
import { datasetFiles } from "./dataset-files.ts";
import { listDataset, type DatasetListing } from "./listing.ts";
import { Remembered } from "./remembered.ts";
import { isCommit, unlisted } from "./repository.ts";
import { hubSettings } from "./settings.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The files of a dataset. A commit that was looked up once is not asked for again, and without a network that is all there is. */
export const findDataset = async (reference: DatasetReference, environment: Environment): Promise<DatasetAnswer> => {
  const memory = new Remembered<DatasetListing>(environment, "datasets", reference.repository);
  const { offline } = hubSettings(environment);
  const known = isCommit(reference.revision) || offline ? memory.read(reference.revision) : undefined;
  if (known !== undefined) return chosen(reference, known);
  if (offline) return { failure: fetchFailed({ what: reference.written }, "offline", missing) };
  const listed = await listDataset(reference, environment);
  if (!listed.ok) return { at: "dataset", ...unlisted(reference, listed.error, "dataset ") };
  memory.write(reference.revision, listed.value);
  return chosen(reference, listed.value);
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
