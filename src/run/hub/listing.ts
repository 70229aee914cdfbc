import { cardConfigs, type CardConfig } from "./dataset-files.ts";
import { fetchFailed } from "../fetch/remote.ts";
import type { FetchFailed } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { retryAfter, Tries, usualPatience } from "../fetch/patience.ts";
import type { Client } from "../fetch/client.ts";
import { openHubClient } from "./client.ts";
import { isCommit } from "./repository.ts";
import { hubSettings } from "./settings.ts";

/** What the Hub knows of a model at a revision. */
export interface Listing {
  readonly commit: string;
  readonly license: string | null;
  readonly gated: boolean;
  readonly files: readonly ListedFile[];
}

export interface ListedFile {
  /** In the repository, with `/`. */
  readonly path: string;
  /** bytes */
  readonly size: number;
  /** Null for a small one, which lies in git itself. */
  readonly sha256: string | null;
}

/** The same of a dataset. */
export interface DatasetListing extends Omit<Listing, "files"> {
  readonly configs: readonly CardConfig[];
  readonly files: readonly (ListedFile & { readonly oid: string })[];
}

/** Why there is no listing. */
export type NoListing =
  | { readonly kind: "missing"; readonly what: "repository" | "revision" }
  | { readonly kind: "failed"; readonly failure: FetchFailed };

/** A repository as it is named. */
export interface ListedRepository {
  readonly repository: string;
  readonly revision: string;
  /** For messages. */
  readonly written: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What the Hub knows of a model. */
export const listModel = async (named: ListedRepository, environment: Environment) => {
  const found = await look("model", named, environment);
  if (!found.ok) return found;
  const { card: _card, ...listing } = found.value;
  return ok<Listing>(listing);
};

/** The same of a dataset, whose card also says which files are what. */
export const listDataset = async (named: ListedRepository, environment: Environment) => {
  const found = await look("dataset", named, environment);
  if (!found.ok) return found;
  const { card, ...listing } = found.value;
  return ok<DatasetListing>({ ...listing, configs: cardConfigs(card) });
};

interface Found extends Omit<DatasetListing, "configs"> {
  /** As people have written it. */
  readonly card: unknown;
}

const look = async (
  type: "model" | "dataset",
  named: ListedRepository,
  environment: Environment,
): Promise<Result<Found, NoListing>> => {
  const client = openHubClient(environment, usualPatience.stall);
  try {
    return await ask(type, { ...named, client, endpoint: hubSettings(environment).endpoint });
  } finally {
    await client.close();
  }
};

interface ListingRequest extends ListedRepository {
  readonly client: Client;
  readonly endpoint: string;
}

/** The Hub's own library asks and reads; the requests go through our client, which knows proxies and keeps the token. */
const ask = async (type: "model" | "dataset", request: ListingRequest): Promise<Result<Found, NoListing>> => {
  const { datasetInfo, listFiles, modelInfo } = await import("@huggingface/hub");
  const { endpoint, repository: name, revision } = request;
  const codes: string[] = [];
  const through = { fetch: fetchThrough(request.client, codes), hubUrl: endpoint };
  const asked = { name, revision, ...through };
  try {
    const info =
      type === "model"
        ? await modelInfo({ ...asked, additionalFields: ["sha", "cardData"] })
        : await datasetInfo({ ...asked, additionalFields: ["sha", "cardData"] });
    const { sha: commit, cardData: card } = info;
    if (!isCommit(commit)) return err({ kind: "failed", failure: badListing(request) });
    const files: Found["files"][number][] = [];
    const entries = listFiles({ repo: { type, name }, revision: commit, recursive: true, ...through });
    for await (const { type: kind, path, size, lfs, oid = "" } of entries)
      if (kind === "file") files.push({ path, size: lfs?.size ?? size, sha256: digestIn(lfs?.oid), oid });
    return ok({ commit, license: licenseOf(card), gated: info.gated !== false, card, files });
  } catch (error) {
    return err(noListing(error, codes.includes("RevisionNotFound"), request));
  }
};

const digestIn = (oid: string | undefined): string | null =>
  oid !== undefined && /^[0-9a-f]{64}$/.test(oid) ? oid : null;

/** A card is written by people: of what is no text nothing is said. */
const licenseOf = (card: unknown): string | null => {
  const { license, license_name: name } = (card ?? {}) as {
    readonly license?: unknown;
    readonly license_name?: unknown;
  };
  const listed = Array.isArray(license) ? license.filter((each) => typeof each === "string").join(", ") : license;
  const said = license === "other" && typeof name === "string" ? name : listed;
  return typeof said === "string" && said !== "" ? said.slice(0, 100) : null;
};

/** Thrown through the library, which knows nothing of it, and caught behind it. */
class NoAnswer extends Error {
  override readonly name = "NoAnswer";
  readonly busy: boolean;

  constructor(message: string, busy: boolean) {
    super(message);
    this.busy = busy;
  }
}

/** @param codes gets the Hub's own word for what went wrong, which its library leaves out */
const fetchThrough =
  (client: Client, codes: string[]): typeof fetch =>
  async (url) => {
    const never = new AbortController().signal;
    const tries = new Tries({ ...usualPatience, tries: 3 }, never);
    for (;;) {
      const answer = await client.get({
        url: typeof url === "string" ? url : "href" in url ? url.href : url.url,
        headers: { accept: "application/json" },
        signal: never,
      });
      if (answer.kind === "none") {
        if (answer.final || !(await tries.again(0))) throw new NoAnswer(answer.why, false);
        continue;
      }
      const { status, headers, body, host } = answer;
      codes.push(headers["x-error-code"] ?? "");
      const busy = status === 408 || status === 429 || status >= 500;
      const text = await body.text().catch(() => undefined);
      if (!busy && text !== undefined)
        return new Response(text === "" ? null : text, { status, headers: headers as Record<string, string> });
      if (!(await tries.again(0, retryAfter(headers["retry-after"], Date.now()))))
        throw new NoAnswer(`${host} ${busy ? `answers ${status}` : "breaks off"}`, busy);
    }
  };

const noListing = (error: unknown, noRevision: boolean, request: ListingRequest): NoListing => {
  if (error instanceof NoAnswer)
    return {
      kind: "failed",
      failure: fetchFailed(
        { what: request.written },
        error.busy ? "busy" : "unreachable",
        `could not be looked up: ${error.message}`,
      ),
    };
  const status = error instanceof Error && "statusCode" in error ? error.statusCode : undefined;
  // The Hub does not tell whether a private repository exists.
  if (status === 401 || status === 403) return { kind: "missing", what: "repository" };
  if (status === 404) return { kind: "missing", what: noRevision ? "revision" : "repository" };
  // The library reads JSON as what it should be: from another server anything may come.
  if (status !== undefined || error instanceof SyntaxError || error instanceof TypeError)
    return { kind: "failed", failure: badListing(request) };
  throw error;
};

const badListing = (request: ListingRequest): FetchFailed =>
  fetchFailed(
    { what: request.written },
    "bad-answer",
    `could not be looked up: ${shownHost(request.endpoint)} does not answer as the Hub does`,
  );

const shownHost = (endpoint: string): string => (URL.canParse(endpoint) ? new URL(endpoint).host : "the server");
