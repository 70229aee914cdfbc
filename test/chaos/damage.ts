import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";

/** What can become of a file that lies still: by a bad disk, a bad restore, or a hand. */
export type Damage = (path: string) => void;

/** In place, so that the inode stays what it was. */
const flip: Damage = (path) => {
  const bytes = readFileSync(path);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  chmodSync(path, 0o644);
  writeFileSync(path, bytes);
};

export const damages: Readonly<Record<string, Damage>> = {
  "a flipped bit": flip,
  "a flipped bit, times restored": (path) => {
    const { atime, mtime } = statSync(path);
    flip(path);
    utimesSync(path, atime, mtime);
  },
  "half of it cut off": (path) => {
    chmodSync(path, 0o644);
    truncateSync(path, Math.floor(statSync(path).size / 2));
  },
  "nothing left of it": (path) => {
    chmodSync(path, 0o644);
    truncateSync(path, 0);
  },
  "zeros in its place": (path) => {
    chmodSync(path, 0o644);
    writeFileSync(path, Buffer.alloc(statSync(path).size));
  },
  "its absence": (path) => rmSync(path),
  "an empty folder in its place": (path) => {
    rmSync(path);
    mkdirSync(path);
  },
  "a folder with files in its place": (path) => {
    rmSync(path);
    mkdirSync(path);
    writeFileSync(`${path}/file`, "x");
  },
  "a link to nothing in its place": (path) => {
    rmSync(path);
    symlinkSync("nowhere", path);
  },
  "a link to its own bytes in its place": (path) => {
    // Beside the store's folder, where nothing is looked for.
    const elsewhere = join(path.replace(/store-v1.*/, ""), `elsewhere-${basename(path)}`);
    copyFileSync(path, elsewhere);
    rmSync(path);
    symlinkSync(elsewhere, path);
  },
};
