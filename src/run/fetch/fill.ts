import type { Failure } from "../../base/failure.ts";
import { askPiece, type PieceEnd } from "./ask-piece.ts";
import { askOffer, askWhole, type Offer } from "./ask-whole.ts";
import type { Client } from "./client.ts";
import type { Part } from "./part.ts";
import { Tries, type Patience } from "./patience.ts";
import { fetchFailed, type Remote } from "./remote.ts";

/** Pieces at once. More make a fast line hardly faster, and a server angry. */
const width = 4;

export interface Filling {
  readonly remote: Remote;
  readonly part: Part;
  readonly client: Client;
  readonly patience: Patience;
  readonly signal: AbortSignal;
  readonly onBytes: () => void;
}

/** Why no more is asked for. */
export type FillEnd =
  Exclude<PieceEnd, { readonly kind: "again" | "refused" }> | { readonly kind: "failed"; readonly failure: Failure };

/** Asks what the server has, and tries until it answers. */
export const offer = async ({
  remote,
  client,
  patience,
  signal,
}: Omit<Filling, "part" | "onBytes">): Promise<Offer | FillEnd> => {
  const tries = new Tries(patience, signal);
  for (;;) {
    const end = await askOffer({ client, url: remote.url, sha256: remote.sha256, signal, onBytes: () => undefined });
    if (end.kind === "offer") return end;
    if (end.kind !== "again" || !(await tries.again(0, end.wait))) return asFailure(remote, end);
  }
};

/** Fetches all that a part lacks, several pieces at once. The first that cannot be had ends the others. */
export const fillPieces = async (filling: Filling): Promise<FillEnd> => {
  const round = new AbortController();
  const signal = AbortSignal.any([round.signal, filling.signal]);
  const queue = filling.part.open();
  let first: PieceEnd | undefined;
  const work = async (): Promise<void> => {
    const tries = new Tries(filling.patience, signal);
    for (let index = queue.shift(); index !== undefined && !signal.aborted; index = queue.shift()) {
      const end = await fillPiece({ ...filling, signal }, index, tries);
      if (end.kind === "done") continue;
      first ??= end;
      round.abort();
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, queue.length) }, work));
  return asFailure(filling.remote, first ?? { kind: "done" });
};

const fillPiece = async (filling: Filling, index: number, tries: Tries): Promise<PieceEnd> => {
  const { remote, part } = filling;
  for (;;) {
    const before = part.lack(index).from;
    const end = await askPiece({ ...filling, url: remote.url, sha256: remote.sha256, index });
    if (end.kind !== "again" || !(await tries.again(part.lack(index).from - before, end.wait))) return end;
  }
};

/** The same from a server without ranges. @param onLost called with the bytes that a cut made worthless */
export const fillWhole = async (filling: Filling, onLost: (bytes: number) => void): Promise<FillEnd> => {
  const { remote, part, patience, signal } = filling;
  const tries = new Tries(patience, signal);
  for (;;) {
    const end = await askWhole({ ...filling, url: remote.url, sha256: remote.sha256 });
    if (end.kind !== "again") return asFailure(remote, end);
    onLost(part.arrived());
    await part.begin(part.size, null);
    if (!(await tries.again(0, end.wait))) return asFailure(remote, end);
  }
};

const asFailure = (remote: Remote, end: PieceEnd): FillEnd => {
  if (end.kind === "refused") return { kind: "failed", failure: fetchFailed(remote, end.problem, end.why) };
  if (end.kind !== "again") return end;
  const problem = end.busy ? "busy" : "unreachable";
  const wait = end.wait === undefined ? "" : `, and asks to wait for ${Math.ceil(end.wait / 1000)} s`;
  return { kind: "failed", failure: fetchFailed(remote, problem, `could not be fetched: ${end.why}${wait}`) };
};
