import { join } from "node:path";
import type { FetchFailed } from "../../base/failure.ts";
import { ok, err, type Result } from "../../base/result.ts";
import type { HubReference, ModelReference } from "../../pipeline/model-reference.ts";
import type { HubOrigin, ModelFile } from "../../pipeline/pipeline.ts";
import type { ModelAnswer } from "../../pipeline/reader.ts";
import { cacheDirectory } from "../toolchain/cache-directory.ts";
import { fetchFailed, shownUrl } from "../fetch/remote.ts";
import { askSize } from "./ask-size.ts";
import { CachedRepository } from "./cache.ts";
import { chooseFiles } from "./choose-file.ts";
import { listModel, type ListedFile, type Listing, type NoListing } from "./listing.ts";
import { Remembered } from "./remembered.ts";
import { fileUrl, isCommit, unlisted } from "./repository.ts";
import { hubSettings } from "./settings.ts";
import { existsSync, statSync } from "node:fs";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a model is that is not the user's own file. Without the network only what the cache has is known. */
export const findModel = (
  reference: Exclude<ModelReference, { readonly from: "path" }>,
  environment: Environment,
): Promise<ModelAnswer> =>
  reference.from === "hub" ? findOnHub(reference, environment) : findOnWeb(reference, environment);

const findOnHub = async (reference: HubReference, environment: Environment): Promise<ModelAnswer> => {
  const { offline } = hubSettings(environment);
  const { repository, revision } = reference;
  const memory = new Remembered<Listing>(environment, "model-listings", repository);
  // A commit does not move: what was once said of it need not be asked for again.
  const known = isCommit(revision) || offline ? memory.read(revision) : undefined;
  if (offline) return offlineAnswer(reference, known ?? cachedListing(reference, environment), environment);
  if (known !== undefined) return found(reference, known, environment);
  const asked = await listModel(reference, environment);
  if (!asked.ok) return unanswered(reference, asked.error, environment);
  memory.write(revision, asked.value);
  return found(reference, asked.value, environment);
};

/** Of a commit that another tool has fetched the lengths of its files are taken for right where nobody can be asked. */
const unanswered = (reference: HubReference, why: NoListing, environment: Environment): ModelAnswer => {
  const hasHope = why.kind === "failed" && isCommit(reference.revision);
  const inCache = hasHope ? cachedListing(reference, environment) : undefined;
  const answer = inCache === undefined ? undefined : found(reference, inCache, environment);
  return answer !== undefined && "source" in answer ? answer : unlisted(reference, why);
};

/** What the cache has of a revision; undefined where it has nothing. */
const cachedListing = ({ repository, revision }: HubReference, environment: Environment): Listing | undefined => {
  const cached = new CachedRepository(hubSettings(environment).cache, repository);
  const commit = cached.commit(revision);
  if (commit === undefined) return undefined;
  const files = cached.files(commit).flatMap((path): ListedFile[] => {
    const known = cached.known(commit, path);
    return known === undefined ? [] : [{ path, size: known.bytes, sha256: known.sha256 }];
  });
  return files.length === 0 ? undefined : { commit, license: null, gated: false, files };
};

const offlineAnswer = (
  reference: HubReference,
  listing: Listing | undefined,
  environment: Environment,
): ModelAnswer => {
  const answer = listing === undefined ? undefined : found(reference, listing, environment);
  return answer === undefined || "wrong" in answer ? { failure: missing(reference) } : answer;
};

const missing = (reference: HubReference): FetchFailed =>
  fetchFailed(
    { what: reference.written },
    "offline",
    "is not in the cache of the Hub, and the network must not be used",
  );

const found = (reference: HubReference, listing: Listing, environment: Environment): ModelAnswer => {
  const chosen = chooseFiles(listing.files, reference);
  if (!chosen.ok)
    return { wrong: `\`${reference.written}\` cannot be used: ${chosen.error.wrong}`, help: chosen.error.help };
  const files = modelFiles(reference, listing, chosen.value, environment);
  if (!files.ok) return { failure: files.error };
  const { repository, revision } = reference;
  const { commit, license, gated } = listing;
  const hub: HubOrigin = { repository, revision, commit, license, gated };
  return { source: { files: files.value, hub } };
};

const modelFiles = (
  { written, repository }: HubReference,
  { commit }: Listing,
  chosen: readonly ListedFile[],
  environment: Environment,
): Result<ModelFile[]> => {
  const { endpoint, cache } = hubSettings(environment);
  const cached = new CachedRepository(cache, repository);
  const files: ModelFile[] = [];
  for (const { path, size: bytes, sha256 } of chosen) {
    const what = chosen.length > 1 ? `${written} (${path})` : written;
    if (sha256 === null)
      return err(
        fetchFailed(
          { what },
          "wrong-content",
          "is not listed with a SHA-256: it lies in git and not among the large files",
        ),
      );
    const url = fileUrl(endpoint, repository, commit, path);
    const place = { target: cached.blob(sha256), lock: cached.lock(sha256) };
    files.push({ path: cached.file(commit, path), fetched: { what, url, sha256, bytes, ...place } });
  }
  return ok(files);
};

/** A file of the web lies under its digest in a folder of ours: no other tool looks for it. */
const findOnWeb = async (
  { url, sha256 }: { readonly url: string; readonly sha256: string },
  environment: Environment,
): Promise<ModelAnswer> => {
  const what = shownUrl(url);
  const folder = join(cacheDirectory(environment), "models", sha256);
  const target = join(folder, fileName(url));
  const bytes = existsSync(target) ? ok(statSync(target).size) : await askSize({ what, url }, environment);
  if (!bytes.ok) return { failure: bytes.error };
  const fetched = { what, url, sha256, bytes: bytes.value, target, lock: join(folder, ".lock") };
  return { source: { files: [{ path: target, fetched }], hub: null } };
};

/** The last part of the address, where that is a name that every disk takes. */
const fileName = (url: string): string => {
  const last = new URL(url).pathname.split("/").at(-1) ?? "";
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,200}\.gguf$/.test(last) ? last : "model.gguf";
};
