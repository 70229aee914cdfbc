import { dirname, join } from "node:path";
import { digest } from "../base/ids.ts";
import type { Result } from "../base/result.ts";
import type { FetchedFile, ModelSource } from "../pipeline/pipeline.ts";
import type { StepSpec } from "../plan/step.ts";
import { download, type Fetched } from "./fetch/download.ts";
import { usualPatience } from "./fetch/patience.ts";
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

/** @throws nothing that the network or the disk causes */
export const fetchFileFor =
  (session: Session, { id: step, brings }: StepSpec): FetchFile =>
  async (path, { what, url, bytes, sha256, target, lock }, onProgress) => {
    const { run, memo, cancel, emit, userEnvironment } = session;
    const stall = Math.min(usualPatience.stall, session.stall);
    const client = openHubClient(userEnvironment, stall);
    let waited = false;
    try {
      return await download(
        { what, url, size: bytes, sha256: digest(sha256) },
        { target, lock },
        {
          client,
          memo,
          cancel,
          run,
          step,
          offline: hubSettings(userEnvironment).offline,
          patience: { ...usualPatience, stall },
          onProgress,
          onWait: (holder) => {
            waited = true;
            emit({ type: "waiting", step, reason: "step", ...whoHolds(holder) });
          },
          place: () => placeLinks(path, target, brings),
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
  if (hub !== null && hub.revision !== hub.commit)
    noteRef(join(dirname(dirname(target)), "refs", ...hub.revision.split("/")), hub.commit);
};
