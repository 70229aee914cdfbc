import type { Digest } from "../../base/ids.ts";
import type { FetchFailed } from "../../base/failure.ts";

/** A file that lies elsewhere, and what is known of it. */
export interface Remote {
  /** For messages: never the address itself, for that may hold a signature. */
  readonly what: string;
  readonly url: string;
  /** bytes; null where nobody has said so yet */
  readonly size: number | null;
  /** SHA-256 that it must have; null where nobody knows it. */
  readonly sha256: Digest | null;
  /** The object id that git gives its bytes, for the small files of the Hub; it is checked where there is no SHA-256. */
  readonly gitId?: string;
}

/** @param why a clause behind the name of what was asked for */
export const fetchFailed = (
  { what }: Pick<Remote, "what">,
  problem: FetchFailed["problem"],
  why: string,
  wasted = 0,
): FetchFailed => ({ reason: "fetch-failed", what, problem, why, ...(wasted > 0 ? { wasted } : {}) });

/** An address as it may be shown: without user, password, query and fragment. */
export const shownUrl = (url: string): string => {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
};
