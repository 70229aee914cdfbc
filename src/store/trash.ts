import { existsSync, lstatSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import type { Json } from "../base/canonical.ts";
import type { Digest, Key } from "../base/ids.ts";
import { isAtWork } from "./claim.ts";
import { makeFolder, writeDurably } from "./durable.ts";
import type { Layout } from "./layout.ts";
import { identify, type Owner } from "./owner.ts";
import { seal, unseal } from "./seal.ts";

/** The folder of one collection at work: what it takes away lies here until it is certain that nobody needs it. */
export interface Trash {
  /** Takes a file away under a name of its own; false when it is gone already. */
  readonly take: (path: string, kind: TrashKind, name: string) => boolean;
  /** Path of what was taken. */
  readonly path: (kind: TrashKind, name: string) => string;
  readonly close: () => void;
}

/** Where it came from. */
export type TrashKind = "action" | "object";

/**
 * Opens the trash, or gives undefined when another collection is at work. Each makes its folder, with its owner in it,
 * before it looks for others: of two, at least the later one sees the other, so two never work at once. (Both may see
 * each other and both give up; a store is collected at the next run.) What a killed one left is put back first.
 * @throws what node:fs throws
 */
export const openTrash = (layout: Layout): Trash | undefined => {
  const own = `${Date.now()}-${randomBytes(4).toString("hex")}`;
  const folder = join(layout.trash, own);
  makeFolder(folder);
  writeDurably(ownerFile(folder), seal(identify(process.pid) as unknown as Json));
  const close = (): void => rmSync(folder, { recursive: true, force: true });
  const others = readdirSync(layout.trash).filter((name) => name !== own);
  if (others.some((name) => isOccupied(join(layout.trash, name)))) {
    close();
    return undefined;
  }
  for (const name of others) putAllBack(layout, join(layout.trash, name));
  const path = (kind: TrashKind, name: string): string => join(folder, `${kind}-${name}`);
  return { path, take: (from, kind, name) => move(from, path(kind, name)), close };
};

const ownerFile = (folder: string): string => join(folder, "owner");

const isOccupied = (folder: string): boolean => {
  const age = Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  try {
    const owner = unseal(readFileSync(ownerFile(folder), "utf8").trimEnd()) as unknown as Owner | undefined;
    return owner !== undefined && isAtWork(owner, age);
  } catch {
    // Its owner has not written its name yet, or never will.
    return age < 60_000;
  }
};

/** Whatever a killed collection had in hand: if it is not needed, the next one takes it again. */
const putAllBack = (layout: Layout, folder: string): void => {
  for (const name of readdirSync(folder)) {
    const [, kind, id = ""] = /^(action|object)-([0-9a-f]{64})$/.exec(name) ?? [];
    if (kind === "action") putBack(join(folder, name), layout.action(id as Key));
    if (kind === "object") putBack(join(folder, name), layout.object(id as Digest));
  }
  rmSync(folder, { recursive: true, force: true });
};

/** Unless something newer has taken its place. @throws what node:fs throws */
export const putBack = (from: string, to: string): void => {
  if (!existsSync(to)) move(from, to);
};

/** False when there is nothing to move. */
const move = (from: string, to: string): boolean => {
  if (lstatSync(from, { throwIfNoEntry: false }) === undefined) return false;
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
};
