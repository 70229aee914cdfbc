import { dirname, join } from "node:path";
import { fileFailure } from "../base/failure.ts";
import { digest } from "../base/ids.ts";
import type { Result } from "../base/result.ts";
import type { FetchedFile, ModelSource } from "../pipeline/pipeline.ts";
import type { StepSpec } from "../plan/step.ts";
import { download, type Fetched, type Transfer } from "./fetch/download.ts";
import { usualPatience } from "./fetch/patience.ts";
import { shownUrl } from "./fetch/remote.ts";
import { linkBlob, noteRef } from "./hub/cache.ts";
import { openHubClient } from "./hub/client.ts";
import { hubSettings } from "./hub/settings.ts";
import type { Session } from "./session.ts";
import { whoHolds } from "./step-lock.ts";

/** Brings one file for a step: into the cache, under its digest, with the link by which tools find it. */
export type FetchFile = (
  path: string,
  file: FetchedFile,
  onProgress: (bytes: number) => void,
) => Promise<Result<Fetched>>;

/** Brings a file of text, of which nothing but its address and its digest is known. */
export type FetchText = (
  file: Pick<FetchedFile, "url" | "sha256" | "target" | "lock">,
  /** Called once while nobody else may touch the file; what it throws is the disk's. */
  place: () => void,
  onProgress: (bytes: number, total: number) => void,
) => Promise<Result<Fetched>>;

/** @throws nothing that the network or the disk causes */
export const fetchFileFor =
  (session: Session, spec: StepSpec): FetchFile =>
  (path, { bytes, target, ...file }, onProgress) =>
    bring(
      session,
      spec,
      // Of a file of the web only the digest is known for certain.
      { ...file, size: spec.brings?.hub === null ? null : bytes, target },
      {
        onProgress,
        place: () => placeLinks(path, target, spec.brings),
      },
    );

/** The same for a text. */
export const fetchTextFor =
  (session: Session, spec: StepSpec): FetchText =>
  (file, place, onProgress) =>
    bring(session, spec, { ...file, what: shownUrl(file.url), size: null }, { onProgress, place, takesAway: true });

const bring = async (
  { run, memo, cancel, emit, userEnvironment, stall: usual }: Session,
  { id: step }: StepSpec,
  { target, lock, sha256, ...remote }: Omit<FetchedFile, "bytes"> & { readonly size: number | null },
  more: Pick<Transfer, "onProgress" | "place" | "takesAway">,
): Promise<Result<Fetched>> => {
  const stall = Math.min(usualPatience.stall, usual);
  const client = openHubClient(userEnvironment, stall);
  let waited = false;
  try {
    return await download(
      { ...remote, sha256: digest(sha256) },
      { target, lock },
      {
        client,
        memo,
        cancel,
        run,
        step,
        offline: hubSettings(userEnvironment).offline,
        patience: { ...usualPatience, stall },
        onWait: (holder) => {
          waited = true;
          emit({ type: "waiting", step, reason: "step", ...whoHolds(holder) });
        },
        ...more,
      },
    );
  } finally {
    if (waited) emit({ type: "waiting", step, reason: "step", over: true });
    await client.close();
  }
};

/** The link in the snapshot, and which commit the branch is. */
const placeLinks = (path: string, target: string, brings: ModelSource | undefined): void => {
  linkBlob(path, target);
  const { hub } = brings ?? { hub: null };
  if (hub === null || hub.revision === hub.commit) return;
  const note = join(dirname(dirname(target)), "refs", ...hub.revision.split("/"));
  try {
    noteRef(note, hub.commit);
  } catch (error) {
    // The file is here; that a cache can only be read costs the note. Only what the operating system refuses.
    fileFailure(error, note, "write");
  }
};
