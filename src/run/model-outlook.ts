import { statSync } from "node:fs";
import { dirname } from "node:path";
import { ok, type Result } from "../base/result.ts";
import type { Gguf } from "../llama/gguf.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { shortage } from "./disk.ts";
import { roomAt } from "./full-disk.ts";
import { describeModel, type ModelInfo } from "./steps/model.ts";

/** What is known of a model that is brought from elsewhere, before it is here. */
export interface ModelOutlook extends ModelInfo {
  /** `owner/name` and the commit; null for a file of the web. */
  readonly repository: string | null;
  readonly revision: string | null;
  readonly commit: string | null;
  readonly license: string | null;
  readonly gated: boolean;
  /** Bytes of all its files, and of those that are still to be fetched. */
  readonly bytes: number;
  readonly missing: number;
  readonly files: number;
  /** Where they go, and what is free there; null where the file system does not say. */
  readonly folder: string;
  readonly free: number | null;
  readonly fits: boolean;
}

/** The header is read by itself: some megabytes of a model of any size. */
export interface SeenModel {
  readonly header: Gguf;
  readonly outlook: ModelOutlook;
}

/** Undefined for a file of the user's own, which is read where it lies. */
export const seeModel = async (
  { modelSource }: Pipeline,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Result<SeenModel | undefined>> => {
  const fetched = (modelSource?.files ?? []).flatMap((file) => file.fetched ?? []);
  const [first] = fetched;
  if (modelSource === undefined || first === undefined) return ok(undefined);
  const { readModelHeader } = await import("./hub/remote-header.ts");
  const header = await readModelHeader(modelSource, environment);
  if (!header.ok) return header;
  const missing = sum(
    fetched
      .filter(({ target, bytes }) => statSync(target, { throwIfNoEntry: false })?.size !== bytes)
      .map(({ bytes }) => bytes),
  );
  const folder = dirname(first.target);
  const room = roomAt(folder);
  const { hub } = modelSource;
  const outlook: ModelOutlook = {
    ...describeModel(header.value),
    repository: hub?.repository ?? null,
    revision: hub?.revision ?? null,
    commit: hub?.commit ?? null,
    license: hub?.license ?? null,
    gated: hub?.gated ?? false,
    bytes: sum(fetched.map(({ bytes }) => bytes)),
    missing,
    files: fetched.length,
    folder,
    free: room?.free ?? null,
    fits: room === undefined || missing === 0 || shortage(missing, 0, room.free) === undefined,
  };
  return ok({ header: header.value, outlook });
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
