import { serverArgv } from "../../llama/server.ts";
import type { KvRow } from "../../select/fit/file-fit.ts";
import { type FitWish, settingsOf } from "../../select/fit/wish.ts";

/** Arguments with which llama-server loads a file as one row says; undefined where it does not fit at all. */
export const serverCommand = (model: string, row: KvRow, wish: FitWish): readonly string[] | undefined => {
  if (row.context === 0) return undefined;
  const { batch, microBatch, sequences } = settingsOf(wish, row.kv);
  return serverArgv({ model, context: row.context, cache: row.kv, sequences, batch, microBatch });
};
