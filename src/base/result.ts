import type { Failure } from "./failure.ts";

/**
 * What every operation that can run into expected trouble returns. `throw` is kept for bugs, so a caller that
 * ignores `ok` does not compile rather than crash.
 */
export type Result<T, E = Failure> = Ok<T> | Err<E>;

export interface Ok<T> {
  readonly ok: true;
  readonly value: T;
}

export interface Err<E> {
  readonly ok: false;
  readonly error: E;
}

export const ok = <T>(value: T): Ok<T> => ({ ok: true, value });
export const err = <E>(error: E): Err<E> => ({ ok: false, error });

/** Marks a place that the types say cannot be reached; reaching it is a bug, so it throws. */
export const unreachable = (value: never): never => {
  throw new Error(`Internal error: unexpected ${JSON.stringify(value)}`);
};
