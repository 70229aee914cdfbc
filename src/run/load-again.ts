import { isDeepStrictEqual } from "node:util";
import { fingerprint, type Json } from "../base/canonical.ts";
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Digest } from "../base/ids.ts";
import { ok, type Result } from "../base/result.ts";
import { answersAlike, listen, type Asked } from "../pipeline/asked.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { Reader } from "../pipeline/reader.ts";
import type { Checked } from "../store/checked.ts";

/** A pipeline that may be run, and what a person should look at in its file. */
export interface Loaded {
  readonly pipeline: Pipeline;
  readonly warnings: readonly Diagnostic[];
}

export interface Memory {
  readonly checked: Checked;
  /** Changes with the program; undefined where that cannot be told, and nothing is remembered then. */
  readonly program: Digest | undefined;
  /** Absolute path from which the file was named: its diagnostics name it as it was named. */
  readonly cwd: string;
}

interface Remembered extends Loaded {
  readonly asked: readonly Asked[];
}

/**
 * Loads a pipeline file. What comes of that follows from what the reader says, the file's own text included; so where the
 * same program loaded it before, all is asked again, and when every answer is as it was, so is the pipeline. What reads,
 * checks and explains the file is not even loaded then: it takes as long as all else that a run without work does.
 */
export const loadAgain = async (
  file: string,
  reader: Reader,
  { checked, program, cwd }: Memory,
): Promise<Result<Loaded>> => {
  if (program === undefined) return loadAnew(file, reader);
  const name = fingerprint({ program, file, cwd });
  const known = checked.read(name) as unknown as Remembered | undefined;
  if (known !== undefined && (await answersAlike(reader, known.asked))) return ok(known);
  const heard = listen(reader);
  const loaded = await loadAnew(file, heard.reader);
  if (loaded.ok) remember(checked, name, { ...loaded.value, asked: heard.asked });
  return loaded;
};

const loadAnew = async (file: string, reader: Reader): Promise<Result<Loaded>> => {
  const { loadPipeline } = await import("../pipeline/load.ts");
  const loaded = await loadPipeline(file, reader);
  if (!loaded.ok) return loaded;
  const { pipeline, warnings } = loaded.value;
  return ok({ pipeline, warnings });
};

/** Only what comes back as it was, and holds no secret. */
const remember = (checked: Checked, name: Digest, value: Remembered): void => {
  const text = JSON.stringify(value);
  const json = JSON.parse(text) as Json;
  if (!secretAddress.test(text) && isDeepStrictEqual(json, value)) checked.write(name, json);
};

/** With a user, a password or a query: such an address may open something, and a store may be shared. */
const secretAddress = /\w:\/\/[^\s"]*[@?]/;
