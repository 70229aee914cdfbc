import type { Oddity } from "./reader.ts";

interface Wording {
  /** Completes "`name` is …". */
  readonly is: string;
  readonly help: string;
}

const narrower = "write the glob so that it does not match it";

/** How something that is no file is put to people. */
export const oddWords: Readonly<Record<Oddity, Wording>> = {
  pipe: { is: "a pipe, not a file", help: narrower },
  socket: { is: "a socket, not a file", help: narrower },
  device: { is: "a device, not a file", help: narrower },
  "broken-link": { is: "a link that leads to no file", help: "mend the link or remove it" },
  "closed-directory": { is: "a directory whose files cannot be listed", help: "allow it to be read" },
  maze: { is: "a directory to which links lead in too many ways", help: "write a glob that does not go through them" },
  "foreign-name": { is: "a name that is not UTF-8", help: "rename it" },
};
