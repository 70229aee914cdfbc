import { fileFailure } from "../base/failure.ts";

/** Does what may fail without harm: what the operating system refuses is passed over, and nothing else. */
export const quietly = (work: () => void): void => {
  try {
    work();
  } catch (error) {
    // Throws what is no refusal.
    fileFailure(error, "the store", "write");
  }
};
