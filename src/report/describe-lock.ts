import type { LockEvent } from "../base/event.ts";
import type { PinChange } from "../base/pin-change.ts";
import { unreachable } from "../base/result.ts";
import { plural } from "./quantity.ts";
import { safe } from "./safe.ts";

/** What happened to a lock file, or what differs from it, in lines. */
export const lockLines = ({ status, path, changes }: LockEvent): string[] => {
  const file = safe(path);
  switch (status) {
    case "written":
      return [`${file} was written: what this run used`];
    case "damaged":
      return [`warning: ${file} is no lock file of this version; \`--update-lock\` writes it anew`];
    case "differs":
      return [
        `warning: this run uses other things than ${file} says; \`--update-lock\` writes it anew`,
        ...changes.map((change) => `  ${describeChange(change)}`),
      ];
    default:
      return unreachable(status);
  }
};

/** One change in one line. */
export const describeChange = (change: PinChange): string => safe(words(change));

const words = ({ what, name, from, to, files }: PinChange): string => {
  const change = `${short(from)} → ${short(to)}`;
  switch (what) {
    case "program":
      return `this program ${change}`;
    case "model":
      return `model ${name} ${change}`;
    case "source":
      return `corpus ${name} ${from === null ? "was added" : to === null ? "is gone" : sourceWords(change, files)}`;
    case "manifest":
      return `corpus as it came out (manifest) ${change}`;
    case "toolchain":
      return name === "version" ? `toolchain ${change}` : `toolchain ${name} ${change}`;
    case "setting":
      return `setting ${name} ${change}`;
    default:
      return unreachable(what);
  }
};

const sourceWords = (change: string, files: PinChange["files"]): string => {
  if (files === undefined) return change;
  const more = files.count > files.first.length ? ", …" : "";
  return `changed (${plural(files.count, "file")}: ${files.first.join(", ")}${more})`;
};

/** Of a digest, and of the id of a tree, the first digits tell enough. */
const short = (value: string | null): string =>
  value === null ? "none" : /^[0-9a-f]{40,}$/.test(value) ? `${value.slice(0, 12)}…` : value;
