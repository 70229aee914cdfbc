import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { fingerprint, type Json, type JsonObject } from "../../base/canonical.ts";

/**
 * Reads a JSON file that `writeSealed` wrote. A torn, edited or foreign file is as good as none, which is why the
 * shape needs no further check.
 */
export const readSealed = async <T>(path: string): Promise<T | undefined> => {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const { seal, ...body } = JSON.parse(text) as JsonObject;
    return seal === fingerprint(body) ? (body as T) : undefined;
  } catch {
    return undefined;
  }
};

/** Writes a JSON object with its own digest, whole or not at all, and onto the disk before it returns. */
export const writeSealed = async (path: string, body: object): Promise<void> => {
  const plain = JSON.parse(JSON.stringify(body)) as JsonObject;
  const sealed: Json = { ...plain, seal: fingerprint(plain) };
  const temporary = `${path}.${randomUUID()}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  const file = await open(temporary, "wx");
  try {
    await file.writeFile(`${JSON.stringify(sealed, undefined, 2)}\n`);
    await file.sync();
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
};
