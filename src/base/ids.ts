declare const brand: unique symbol;
type Brand<T, B extends string> = T & { readonly [brand]: B };

/** Lower-case hex SHA-256 of some bytes, 64 characters. */
export type Digest = Brand<string, "Digest">;
/** SHA-256 of a step's key document: what names an action in the store. */
export type Key = Brand<string, "Key">;
/** Name of a step, such as `quantize/Q4_K_M` or `validate/Q4_K_M/2`. */
export type StepId = Brand<string, "StepId">;
/** Name of one run: its start in UTC and a random tail, so that listing sorts by time. */
export type RunId = Brand<string, "RunId">;

export const stepId = (text: string): StepId => text as StepId;
export const runId = (text: string): RunId => text as RunId;

const hex64 = /^[0-9a-f]{64}$/;
/** @throws when the text is no SHA-256 in hex, because only our own code makes digests */
export const digest = (text: string): Digest => {
  if (!hex64.test(text)) throw new Error(`Internal error: not a SHA-256: ${text}`);
  return text as Digest;
};
