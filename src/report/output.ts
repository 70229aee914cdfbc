import { Writable } from "node:stream";

/** Where a view writes to; the command line passes stdout or stderr, tests pass a list. */
export interface Output {
  readonly write: (text: string) => void;
  readonly isTTY: boolean;
  readonly columns: number;
  /** Lines of the terminal. Default 24. */
  readonly rows?: number;
  readonly color: boolean;
}

/**
 * An output as the terminal that listr2 and cli-progress expect; of its members they read only those it has. It writes
 * at once, so that texts stay in order. No class with private members: listr2 puts a proxy around it.
 */
export const asTerminal = (output: Output): NodeJS.WriteStream => {
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk, _encoding, done) => {
      output.write(String(chunk));
      done();
    },
  });
  Object.defineProperties(stream, {
    isTTY: { get: () => output.isTTY },
    columns: { get: () => output.columns },
    rows: { get: () => output.rows ?? 24 },
  });
  return stream as unknown as NodeJS.WriteStream;
};
