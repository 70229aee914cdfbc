import { createHash } from "node:crypto";
import { createReadStream, existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { fileFailure, interruption, type Failure } from "../../base/failure.ts";
import type { Digest, StepId } from "../../base/ids.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { makeFolder, syncPath } from "../../store/durable.ts";
import type { Holder } from "../../store/lock-file.ts";
import { takeLock } from "../../store/lock.ts";
import type { Memo } from "../../store/memo.ts";
import { shortage } from "../disk.ts";
import { roomAt } from "../full-disk.ts";
import type { Client } from "./client.ts";
import { fillPieces, fillWhole, offer, type FillEnd, type Filling } from "./fill.ts";
import { Part } from "./part.ts";
import { usualPatience, type Patience } from "./patience.ts";
import { fetchFailed, type Remote } from "./remote.ts";

export interface Transfer {
  readonly client: Client;
  /** Knows the digest of what is here already, and is told that of what is fetched. */
  readonly memo: Memo;
  readonly cancel: AbortSignal;
  /** No server is asked: what is not here is missing. */
  readonly offline?: boolean;
  /** Called when the file is in its place, or was there already; what it throws is the disk's. */
  readonly place?: () => void;
  /** That `place` takes the file away: so nobody may look at it who has not the lock. */
  readonly takesAway?: boolean;
  /** For the messages of others who wait, and for that of a disk that is too small. */
  readonly run: string;
  readonly step: StepId;
  readonly patience?: Patience;
  /** Bytes that are asked for at once. */
  readonly piece?: number;
  /** Bytes that are here, of all. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Called when another process is fetching the same file; `undefined` for one that cannot be told. */
  readonly onWait?: (holder: Holder | undefined) => void;
}

export interface Place {
  /** Where the file goes, absolute. */
  readonly target: string;
  /** Lock under which it is fetched, absolute. */
  readonly lock: string;
}

export interface Fetched {
  readonly digest: Digest;
  readonly bytes: number;
  /** Bytes that came over the network in this call, */
  readonly received: number;
  /** and those of all that arrived that were of no use. */
  readonly wasted: number;
}

/**
 * Brings a file here: to a part of its own beside the target, in pieces that go on after a cut, checked by size and digest,
 * flushed, and only then renamed. A file that is here already and has the right digest is not asked for. Of several who want
 * the same one, one fetches it and the others wait.
 */
export const download = async (remote: Remote, place: Place, transfer: Transfer): Promise<Result<Fetched>> => {
  const { run, cancel, onWait } = transfer;
  try {
    // First without the lock: a cache may be one that can only be read.
    const here = transfer.takesAway === true ? undefined : await present(remote, place.target, transfer);
    if (here !== undefined) return here;
    if (transfer.offline === true && transfer.takesAway !== true) return err(missing(remote));
    for (const path of [place.target, place.lock]) makeFolder(dirname(path));
    const lock = await takeLock(place.lock, { run, cancel, ...(onWait === undefined ? {} : { onWait }) });
    if (lock === undefined) return err(interruption(cancel));
    try {
      const found = await present(remote, place.target, transfer);
      if (found !== undefined) return found;
      return transfer.offline === true ? err(missing(remote)) : await bring(remote, place.target, transfer);
    } finally {
      lock.release();
    }
  } catch (error) {
    return err(fileFailure(error, place.target, "write"));
  }
};

const missing = (remote: Remote): Failure =>
  fetchFailed(remote, "offline", "is not here, and the network must not be used");

/** What lies at the target, if it is the file. A damaged one is fetched again, and replaced when that is done. */
const present = async ({ size, sha256, gitId }: Remote, target: string, { memo, cancel, place }: Transfer) => {
  if (!existsSync(target)) return undefined;
  const bytes = statSync(target).size;
  if (size !== null && size !== bytes) return undefined;
  await memo.readAhead(target, cancel);
  if (cancel.aborted) return err(interruption(cancel));
  const digest = memo.digestFile(target);
  const right = sha256 === null ? gitId === undefined || gitId === (await gitIdOf(target, bytes)) : sha256 === digest;
  if (!right) return undefined;
  place?.();
  return ok({ digest, bytes, received: 0, wasted: 0 });
};

/** Fetches that end with other bytes than they should, before it is given up. */
const mostFetches = 2;

const bring = async (remote: Remote, target: string, transfer: Transfer): Promise<Result<Fetched>> => {
  const round = new AbortController();
  const stop = (): void => round.abort();
  transfer.cancel.addEventListener("abort", stop, { once: true });
  const part = await Part.open(target, remote.sha256 ?? remote.gitId ?? remote.url, transfer.piece);
  const counts = { received: 0, wasted: 0 };
  try {
    for (let turn = 1; ; turn += 1) {
      const failure = await fill(remote, part, transfer, round.signal, counts);
      if (transfer.cancel.aborted) return await leave(part, interruption(transfer.cancel));
      if (failure !== undefined) return await leave(part, failure, counts.wasted);
      const digest = await verified(remote, part, transfer);
      if (transfer.cancel.aborted) return await leave(part, interruption(transfer.cancel));
      if (digest !== undefined) return await publish(part, target, digest, counts, transfer);
      counts.wasted += part.size;
      if (turn === mostFetches) return await refuse(remote, part, counts.wasted);
      await part.begin(0, null);
    }
  } finally {
    transfer.cancel.removeEventListener("abort", stop);
  }
};

/** What has arrived stays for the next try. */
const leave = async (part: Part, failure: Failure, wasted = 0): Promise<Result<Fetched>> => {
  await part.keep();
  return err(failure.reason === "fetch-failed" && wasted > 0 ? { ...failure, wasted } : failure);
};

const refuse = async (remote: Remote, part: Part, wasted: number): Promise<Result<Fetched>> => {
  await part.discard();
  const why = `came ${mostFetches} times with other bytes than it should have (SHA-256 ${remote.sha256 ?? "unknown"})`;
  return err(fetchFailed(remote, "wrong-content", why, wasted));
};

const publish = async (
  part: Part,
  target: string,
  digest: Digest,
  counts: Pick<Fetched, "received" | "wasted">,
  { memo, place }: Transfer,
): Promise<Result<Fetched>> => {
  const bytes = part.size;
  await part.publish(target);
  syncPath(dirname(target));
  memo.stamp(target, digest);
  place?.();
  return ok({ digest, bytes, ...counts });
};

/** Times that a file may change on its server while it is fetched. */
const mostChanges = 3;

/** Brings everything into the part; undefined when it is there. */
const fill = async (
  remote: Remote,
  part: Part,
  transfer: Transfer,
  signal: AbortSignal,
  counts: { received: number; wasted: number },
): Promise<Failure | undefined> => {
  const { client, patience = usualPatience } = transfer;
  const filling: Filling = {
    remote,
    part,
    client,
    patience,
    signal,
    onBytes: meter(part, counts, transfer.onProgress),
  };
  // What was left by another run is gone on with when it is of the size that is known by now.
  let noRanges = false;
  let ranges = part.size > 0 && (remote.size ?? part.size) === part.size && part.etag !== null;
  for (let changes = 0; changes <= mostChanges; changes += 1) {
    if (!ranges) {
      const offered = await offer(filling);
      if (offered.kind === "failed") return offered.failure;
      if (offered.kind !== "offer") throw new Error(`Internal error: an offer that is ${offered.kind}`);
      if (remote.size !== null && remote.size !== offered.size)
        return fetchFailed(remote, "wrong-content", `has ${offered.size} bytes at its server, not ${remote.size}`);
      counts.wasted += part.arrived();
      await part.begin(offered.size, offered.etag);
      ranges = offered.ranges && !noRanges;
    }
    const short = shortOfDisk(part, transfer.step);
    if (short !== undefined) return short;
    const end: FillEnd = ranges
      ? await fillPieces(filling)
      : await fillWhole(filling, (bytes) => (counts.wasted += bytes));
    if (end.kind === "done") return undefined;
    if (end.kind === "failed") return end.failure;
    ranges = false;
    noRanges = end.kind === "no-ranges";
  }
  return fetchFailed(
    remote,
    "wrong-content",
    "changes at its server while it is fetched, again and again",
    counts.wasted,
  );
};

const shortOfDisk = (part: Part, step: StepId): Failure | undefined => {
  const path = dirname(part.path);
  const room = roomAt(path);
  const short = room === undefined ? undefined : shortage(part.size - part.arrived(), 0, room.free);
  return short === undefined ? undefined : { reason: "disk-short", step, path, ...short };
};

/** ms between two signs of progress */
const progressPause = 200;

const meter = (part: Part, counts: { received: number }, onProgress: Transfer["onProgress"]): (() => void) => {
  let [last, told] = [part.arrived(), -Infinity];
  return () => {
    const now = part.arrived();
    counts.received += Math.max(0, now - last);
    last = now;
    if (performance.now() - told < progressPause && now < part.size) return;
    told = performance.now();
    onProgress?.(now, part.size);
  };
};

/** The digest of a part that is what it should be; undefined when it is not, or when the check was called off. */
const verified = async (remote: Remote, part: Part, { memo, cancel }: Transfer): Promise<Digest | undefined> => {
  await memo.readAhead(part.path, cancel);
  if (cancel.aborted) return undefined;
  const digest = memo.digestFile(part.path);
  if (remote.sha256 !== null) return digest === remote.sha256 ? digest : undefined;
  return remote.gitId === undefined || remote.gitId === (await gitIdOf(part.path, part.size)) ? digest : undefined;
};

/** The object id that git gives a file. */
const gitIdOf = async (path: string, bytes: number): Promise<string> => {
  const hash = createHash("sha1").update(`blob ${bytes}\0`);
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest("hex");
};
