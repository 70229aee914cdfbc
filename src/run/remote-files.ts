import { err, ok, type Result } from "../base/result.ts";
import { interruption, type Failure } from "../base/failure.ts";
import { digest } from "../base/ids.ts";
import type { FarBytes } from "../corpus/far-bytes.ts";
import type { DatasetFile, HubDataset } from "../pipeline/pipeline.ts";
import { httpSource, type HttpSource } from "./fetch/http-source.ts";
import { usualPatience } from "./fetch/patience.ts";
import { fetchFailed } from "./fetch/remote.ts";
import { openHubClient } from "./hub/client.ts";
import { fileUrl } from "./hub/repository.ts";
import { hubSettings } from "./hub/settings.ts";
import type { Session } from "./session.ts";

/** The files of a dataset, of which parts are read. */
export interface RemoteFiles {
  readonly open: (file: DatasetFile) => FarBytes;
  /** The first thing that went wrong on the way; the words of a read say only that something did. */
  readonly trouble: () => Failure | undefined;
  /** Bytes that were asked for and came. */
  readonly received: () => number;
  readonly close: () => Promise<void>;
}

export const openRemoteFiles = (
  { userEnvironment, stall, cancel }: Session,
  { written, repository, commit }: HubDataset,
): Result<RemoteFiles> => {
  const { offline, endpoint } = hubSettings(userEnvironment);
  if (offline)
    return err(fetchFailed({ what: written }, "offline", "was not read yet, and the network must not be used"));
  const patience = { ...usualPatience, stall: Math.min(usualPatience.stall, stall) };
  const client = openHubClient(userEnvironment, patience.stall);
  const sources: HttpSource[] = [];
  let received = 0;
  const open = ({ path, bytes: size, oid }: DatasetFile): FarBytes => {
    const url = fileUrl(endpoint, `datasets/${repository}`, commit, path);
    const sha256 = oid.length === 64 ? digest(oid) : null;
    const source = httpSource({ what: `${written} (${path})`, url, size, sha256 }, { client, patience, cancel });
    sources.push(source);
    const read: FarBytes["read"] = async (offset, length) => {
      const bytes = await source.read(offset, length);
      if (!bytes.ok) return err(bytes.error.why);
      received += bytes.value.length;
      return ok(Buffer.from(bytes.value.buffer, bytes.value.byteOffset, bytes.value.length));
    };
    return { size, read };
  };
  const trouble = (): Failure | undefined =>
    cancel.aborted
      ? interruption(cancel)
      : sources.map((source) => source.trouble()).find((each) => each !== undefined);
  return ok({ open, trouble, received: () => received, close: () => client.close() });
};
