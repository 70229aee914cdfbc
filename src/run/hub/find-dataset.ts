import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { DatasetReference } from "../../pipeline/dataset-reference.ts";
import type { DatasetAnswer } from "../../pipeline/reader.ts";
import { makeFolder, writeDurably } from "../../store/durable.ts";
import { fetchFailed } from "../fetch/remote.ts";
import { usualPatience } from "../fetch/patience.ts";
import { cacheDirectory } from "../toolchain/cache-directory.ts";
import { openHubClient } from "./client.ts";
import { datasetFiles } from "./dataset-files.ts";
import { listDataset, type DatasetListing, type NoListing } from "./listing.ts";
import { hubSettings } from "./settings.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The files of a dataset. A commit that was looked up once is not asked for again, and without a network that is all there is. */
export const findDataset = async (reference: DatasetReference, environment: Environment): Promise<DatasetAnswer> => {
  const memory = new Remembered(environment, reference.repository);
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
  const help = "check the name; a private one needs a token that may read it (HF_TOKEN)";
  return why.what === "revision"
    ? {
        wrong: `\`${repository}\` has no revision \`${revision}\``,
        help: "a branch, a tag or a commit that it has",
        at: "dataset",
      }
    : { wrong: `there is no dataset \`${repository}\` on the Hub for us (\`${written}\`)`, help, at: "dataset" };
};

/**
 * Listings of a repository by commit, and which commit a branch was. They are ours: the cache that the Hub's tools share holds
 * files, and of a dataset no whole file is fetched.
 */
class Remembered {
  readonly #folder: string;

  constructor(environment: Environment, repository: string) {
    this.#folder = join(cacheDirectory(environment), "datasets", repository.replaceAll("/", "--"));
  }

  read(revision: string): DatasetListing | undefined {
    const commit = /^[0-9a-f]{40}$/.test(revision) ? revision : text(this.#ref(revision));
    if (commit === undefined || !/^[0-9a-f]{40}$/.test(commit)) return undefined;
    return parse(text(join(this.#folder, `${commit}.json`)), commit);
  }

  /** A place that cannot be written to costs only that it is asked again. */
  write(revision: string, listing: DatasetListing): void {
    try {
      const files: [string, string][] = [[join(this.#folder, `${listing.commit}.json`), JSON.stringify(listing)]];
      if (revision !== listing.commit) files.push([this.#ref(revision), listing.commit]);
      for (const [path, content] of files) {
        makeFolder(dirname(path));
        writeDurably(path, content);
      }
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
    }
  }

  /** A revision may be any name, so it is not one of a file. */
  #ref(revision: string): string {
    return join(this.#folder, `ref-${Buffer.from(revision).toString("hex").slice(0, 200)}`);
  }
}

const text = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
};

const parse = (content: string | undefined, commit: string): DatasetListing | undefined => {
  try {
    const listing = JSON.parse(content ?? "null") as DatasetListing | null;
    const whole = listing?.commit === commit && Array.isArray(listing.files) && Array.isArray(listing.configs);
    return whole ? listing : undefined;
  } catch {
    return undefined;
  }
};
