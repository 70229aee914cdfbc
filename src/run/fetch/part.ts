import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** What is known of a file that is on its way; lies beside the part as JSON. */
interface PartState {
  readonly schema: 1;
  /** What is fetched: a digest where one is known, else the address. */
  readonly identity: string;
  /** bytes */
  readonly size: number;
  /** Strong entity tag of what has arrived; null where the server gives none, and then nothing is resumed. */
  readonly etag: string | null;
  /** bytes of one piece */
  readonly piece: number;
  /** Bytes of each piece that have arrived, from its start. */
  readonly arrived: number[];
}

/** Of this size each, bytes: small enough that a cut costs little, and large enough that few requests are made. */
const pieceBytes = 64 * 2 ** 20;

/** ms between two notes of what has arrived */
const notePause = 1000;

/**
 * A file that arrives in pieces, beside the place that it is for. Its name is its own (two that write the same part
 * spoil it, and the Hub's own tools have parts here as well), and it ends as theirs do, so that those who clean up know what it is.
 *
 * The note is written behind the bytes, and neither is flushed: a kill loses at most a second, and what a power loss spoils the
 * digest of the whole finds.
 */
export class Part {
  readonly path: string;
  readonly #file: FileHandle;
  #state: PartState;
  #noted = performance.now();

  private constructor(path: string, file: FileHandle, state: PartState) {
    this.path = path;
    this.#file = file;
    this.#state = state;
  }

  /** Goes on with what a run that ended has left, or begins. The caller has the lock. @throws what node:fs throws */
  static async open(target: string, identity: string, piece: number = pieceBytes): Promise<Part> {
    const left = leftBehind(target, identity, piece);
    const path = left?.path ?? `${target}.${randomBytes(4).toString("hex")}.pipeline.incomplete`;
    const file = await open(path, left === undefined ? "wx+" : "r+");
    return new Part(path, file, left?.state ?? { schema: 1, identity, size: 0, etag: null, piece, arrived: [] });
  }

  get etag(): string | null {
    return this.#state.etag;
  }

  get size(): number {
    return this.#state.size;
  }

  /** Bytes that have arrived. */
  arrived(): number {
    return this.#state.arrived.reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Forgets what has arrived, and expects a file of this size. */
  async begin(size: number, etag: string | null): Promise<void> {
    const pieces = Math.ceil(size / this.#state.piece);
    this.#state = { ...this.#state, size, etag, arrived: Array.from({ length: pieces }, () => 0) };
    await this.#file.truncate(0);
    this.note();
  }

  /** Pieces that lack something. */
  open(): number[] {
    return this.#state.arrived.flatMap((bytes, index) => (bytes < this.#length(index) ? [index] : []));
  }

  /** What a piece lacks, as offsets in the file: from, and up to but without. */
  lack(index: number): { readonly from: number; readonly to: number } {
    const start = index * this.#state.piece;
    return { from: start + (this.#state.arrived[index] ?? 0), to: start + this.#length(index) };
  }

  /** Adds bytes to a piece. @throws what node:fs throws */
  async add(index: number, bytes: Uint8Array): Promise<void> {
    const { from } = this.lack(index);
    for (let done = 0; done < bytes.length;)
      done += (await this.#file.write(bytes, done, bytes.length - done, from + done)).bytesWritten;
    this.#state.arrived[index] = (this.#state.arrived[index] ?? 0) + bytes.length;
    if (performance.now() - this.#noted > notePause) this.note();
  }

  /** Adds bytes where the first piece lacks them, and goes on in the next; what is beyond the last is left out. */
  async append(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0;) {
      const [index] = this.open();
      if (index === undefined) return;
      const { from, to } = this.lack(index);
      await this.add(index, rest.subarray(0, to - from));
      rest = rest.subarray(to - from);
    }
  }

  /** Writes down how far it is. */
  note(): void {
    this.#noted = performance.now();
    const path = notePath(this.path);
    writeFileSync(`${path}.tmp`, JSON.stringify(this.#state));
    renameSync(`${path}.tmp`, path);
  }

  /** Closes the file and leaves it for the next try. */
  async keep(): Promise<void> {
    this.note();
    await this.#file.close();
  }

  /** Flushes the file and puts it in its place. */
  async publish(target: string): Promise<void> {
    await this.#file.sync();
    await this.#file.close();
    renameSync(this.path, target);
    rmSync(notePath(this.path), { force: true });
  }

  /** Removes it; does nothing more after `publish`. */
  async discard(): Promise<void> {
    await this.#file.close();
    for (const path of [this.path, notePath(this.path)]) rmSync(path, { force: true });
  }

  #length(index: number): number {
    return Math.min(this.#state.piece, this.#state.size - index * this.#state.piece);
  }
}

const notePath = (part: string): string => `${part}.json`;

interface Left {
  readonly path: string;
  readonly state: PartState;
}

/** The part with most in it. The rest of them is removed: nobody will go on with it. */
const leftBehind = (target: string, identity: string, piece: number): Left | undefined => {
  const folder = dirname(target);
  const own = (name: string): boolean =>
    name.startsWith(`${basename(target)}.`) &&
    /^\.[0-9a-f]{8}\.pipeline\.incomplete$/.test(name.slice(basename(target).length));
  const parts = readdirSync(folder).filter(own);
  const found = parts.flatMap((name) => readLeft(join(folder, name), identity, piece) ?? []);
  const [best] = found.sort((a, b) => total(b.state) - total(a.state));
  for (const name of parts.filter((each) => join(folder, each) !== best?.path))
    for (const path of [join(folder, name), notePath(join(folder, name))]) rmSync(path, { force: true });
  return best;
};

const total = ({ arrived }: PartState): number => arrived.reduce((sum, bytes) => sum + bytes, 0);

/** Undefined where the note is missing, damaged, or of something else. */
const readLeft = (path: string, identity: string, piece: number): Left | undefined => {
  if (!existsSync(notePath(path))) return undefined;
  try {
    const state = JSON.parse(readFileSync(notePath(path), "utf8")) as Partial<PartState> | null;
    return isState(state, piece) && state.identity === identity && statSync(path).isFile()
      ? { path, state }
      : undefined;
  } catch {
    return undefined;
  }
};

const isState = (state: Partial<PartState> | null, piece: number): state is PartState => {
  if (state?.schema !== 1 || typeof state.identity !== "string" || state.piece !== piece) return false;
  const { size, etag, arrived } = state;
  if (!Number.isSafeInteger(size) || (etag !== null && typeof etag !== "string") || !Array.isArray(arrived))
    return false;
  const fits = (bytes: unknown, index: number): boolean =>
    Number.isSafeInteger(bytes) &&
    (bytes as number) >= 0 &&
    (bytes as number) <= Math.min(piece, (size ?? 0) - index * piece);
  return arrived.length === Math.ceil((size ?? 0) / piece) && arrived.every(fits);
};
