import ltr from "semver/ranges/ltr.js";
import satisfies from "semver/functions/satisfies.js";
import validRange from "semver/ranges/valid.js";

/** What `--version` says. */
export interface Version {
  /** As it is printed; build numbers as `build 4567 (abc)`. */
  readonly text: string;
  /** major.minor.patch, `0.0.0` for the build numbers of before 0.1. */
  readonly release: string;
}

/**
 * Reads the `version:` line. The suffix of `0.5.0-dev` is cut off, because builds of the released sources print it
 * too, and a semantic version with a suffix counts as older than the release.
 */
export const parseVersion = (output: string): Version | undefined => {
  const text = /^version: (.+?)\s*$/m.exec(output)?.[1];
  if (text === undefined) return undefined;
  const release = /^v?(\d+\.\d+\.\d+)/.exec(text)?.[1];
  if (release !== undefined) return { text, release };
  return /^\d+\b/.test(text) ? { text: `build ${text}`, release: "0.0.0" } : undefined;
};

/** Whether the text is a version range at all. */
export const isRange = (range: string): boolean => validRange(range) !== null;

/** Why a version is outside the range, or undefined when it is in it. */
export const versionTrouble = (version: Version, range: string): string | undefined => {
  if (satisfies(version.release, range)) return undefined;
  const how = ltr(version.release, range) ? "is too old" : "does not match";
  return `llama.cpp ${version.text} ${how}: ${range} is wanted`;
};
