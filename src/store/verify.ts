import { existsSync, lstatSync } from "node:fs";
import { open } from "node:fs/promises";
import { createHash } from "node:crypto";
import type { Digest, Key, StepId } from "../base/ids.ts";
import { fileFailure } from "../base/failure.ts";
import type { Layout } from "./layout.ts";
import { quarantine, type StoredObject } from "./objects.ts";
import { readRecord, type ActionRecord } from "./records.ts";
import { listKeys, listObjects } from "./usage.ts";

/** Something in a store that is not as it was left. The next run that needs it makes it again. */
export interface Damage {
  readonly what: "record" | "object";
  /** `missing`: a record names it. `unreadable`: its bytes, or its file, cannot be read. */
  readonly how: "missing" | "torn" | "wrong-size" | "no-file" | "wrong-bytes" | "unreadable";
  /** Key of the action, or digest of the object. */
  readonly name: string;
  /** The steps whose actions made it. */
  readonly steps: readonly StepId[];
  /** Where it lies now; absent for what is missing or could not be moved. */
  readonly quarantined?: string;
}

export interface Verification {
  readonly records: number;
  readonly objects: number;
  /** Bytes of the objects that were looked at, and bytes that were read. */
  readonly bytes: number;
  readonly hashedBytes: number;
  readonly damages: readonly Damage[];
}

export interface VerifyOptions {
  /** Reads every object; else only sizes are compared. */
  readonly full: boolean;
  /** @param total bytes that will be read in all */
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * Looks whether every record is whole and every object that it names is there with its size, and with `full` whether
 * every object has its digest. What is damaged is moved to quarantine, where no run finds it. The memo is not asked:
 * a disk that loses bits changes no time of a file. Runs and collections may be at work meanwhile.
 * @throws what node:fs throws when the store cannot be listed
 */
export const verifyStore = async (layout: Layout, { full, onProgress }: VerifyOptions): Promise<Verification> => {
  const keys = listKeys(layout);
  const torn = keys.flatMap((key) => tornRecord(layout, key) ?? []);
  const records = keys.flatMap((key) => readRecord(layout, key) ?? []);
  const makers = stepsByObject(records);
  const named = namedObjects(records);
  const shallow = named.flatMap((object) => looseEnd(layout, object, records, makers) ?? []);
  const paths = full ? listObjects(layout) : named.map(({ digest }) => layout.object(digest)).filter(isFile);
  const bytes = paths.reduce((sum, path) => sum + sizeOf(path), 0);
  const deep = full ? await hashAll(layout, paths, bytes, makers, onProgress) : [];
  const damages = [...torn, ...shallow, ...deep];
  return { records: keys.length, objects: paths.length, bytes, hashedBytes: full ? bytes : 0, damages };
};

const tornRecord = (layout: Layout, key: Key): Damage | undefined => {
  const path = layout.action(key);
  // Collected since it was listed, or whole.
  if (readRecord(layout, key) !== undefined || !existsSync(path)) return undefined;
  return { what: "record", how: "torn", name: key, steps: [], ...moved(layout, path) };
};

const stepsByObject = (records: readonly ActionRecord[]): ReadonlyMap<string, readonly StepId[]> => {
  const steps = new Map<string, StepId[]>();
  for (const { step, outputs } of records)
    for (const { digest } of Object.values(outputs)) steps.set(digest, [...(steps.get(digest) ?? []), step]);
  return steps;
};

/** Each object once; one that is lasting for one action and not for another is lasting. */
const namedObjects = (records: readonly ActionRecord[]): StoredObject[] => {
  const objects = records.flatMap(({ outputs }) => Object.values(outputs));
  const inOrder = [...objects.filter(({ ephemeral }) => ephemeral), ...objects.filter(({ ephemeral }) => !ephemeral)];
  return [...new Map(inOrder.map((object) => [object.digest, object])).values()];
};

/** Whether an object is there as its record says; what lies there in its place goes to quarantine. */
const looseEnd = (
  layout: Layout,
  { digest, size, ephemeral }: StoredObject,
  records: readonly ActionRecord[],
  makers: ReadonlyMap<string, readonly StepId[]>,
): Damage | undefined => {
  const path = layout.object(digest);
  const found = lstatSync(path, { throwIfNoEntry: false });
  const damage = { what: "object", name: digest, steps: makers.get(digest) ?? [] } as const;
  if (found === undefined) {
    const expected = ephemeral !== true && isStillNamed(layout, digest, records);
    return expected ? { ...damage, how: "missing" } : undefined;
  }
  if (!found.isFile()) return { ...damage, how: "no-file", ...moved(layout, path) };
  if (found.size !== size) return { ...damage, how: "wrong-size", ...moved(layout, path) };
  return undefined;
};

/** A collection takes the record first: then the object is rightly gone. */
const isStillNamed = (layout: Layout, digest: Digest, records: readonly ActionRecord[]): boolean =>
  records
    .filter(({ outputs }) => Object.values(outputs).some((object) => object.digest === digest))
    .some(({ key }) => existsSync(layout.action(key)));

const hashAll = async (
  layout: Layout,
  paths: readonly string[],
  total: number,
  makers: ReadonlyMap<string, readonly StepId[]>,
  onProgress: VerifyOptions["onProgress"],
): Promise<Damage[]> => {
  const damages: Damage[] = [];
  let done = 0;
  for (const path of paths) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const found = await hashOrTrouble(path, (bytes) => onProgress((done += bytes), total));
    if (found === name || found === "gone") continue;
    const how = found === "unreadable" ? found : "wrong-bytes";
    damages.push({ what: "object", how, name, steps: makers.get(name) ?? [], ...moved(layout, path) });
  }
  return damages;
};

const hashOrTrouble = async (path: string, onBytes: (bytes: number) => void): Promise<string> => {
  try {
    return await hashFile(path, onBytes);
  } catch (error) {
    const failure = fileFailure(error, path, "read");
    return failure.reason === "file-trouble" && failure.code === "ENOENT" ? "gone" : "unreadable";
  }
};

/** Bytes read at a time: small ones halve the speed of SHA-256. */
const blockSize = 2 ** 20;

const hashFile = async (path: string, onBytes: (bytes: number) => void): Promise<string> => {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(blockSize);
  await using file = await open(path, "r");
  for (;;) {
    const { bytesRead } = await file.read(buffer);
    if (bytesRead === 0) return hash.digest("hex");
    hash.update(buffer.subarray(0, bytesRead));
    onBytes(bytesRead);
  }
};

/** A store that may only be read is looked at all the same. */
const moved = (layout: Layout, path: string): { readonly quarantined?: string } => {
  try {
    return { quarantined: quarantine(layout, path) };
  } catch (error) {
    fileFailure(error, path, "move");
    return {};
  }
};

const isFile = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;

const sizeOf = (path: string): number => lstatSync(path, { throwIfNoEntry: false })?.size ?? 0;
