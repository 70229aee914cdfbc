/** What llama-fit-params is asked about. */
export interface FitParamsRequest {
  readonly model: string;
  /** host:port of a ggml-rpc-server that takes the place of a GPU. */
  readonly server: string;
  readonly context: number;
  readonly batch: number;
  readonly microBatch: number;
  readonly cache: string;
}

/** argv that prints what a model would take, and allocates nothing. */
export const fitParamsArgv = (request: FitParamsRequest): string[] =>
  [
    ["-m", request.model],
    ["-c", String(request.context)],
    ["-b", String(request.batch)],
    ["-ub", String(request.microBatch)],
    ["-ctk", request.cache],
    ["-ctv", request.cache],
    ["-fa", "on"],
    ["-ngl", "all"],
    ["--no-repack"],
    ["--rpc", request.server],
    ["-fitp", "on"],
  ].flat();

const mib = 1024 ** 2;

/**
 * What lies on the server, bytes, of the line `RPC0 4403 1024 258`: model, context and compute in whole MiB. What is kept for
 * recurrent layers is part of the context. Undefined where there is no such line.
 */
export const parseFitParams = (
  stdout: string,
):
  | { readonly weights: number; readonly cache: number; readonly state: number; readonly compute: number }
  | undefined => {
  const line = /^RPC\S* +(\d+) +(\d+) +(\d+)/m.exec(stdout);
  if (line === null) return undefined;
  const [weights = 0, cache = 0, compute = 0] = line.slice(1).map((text) => Number(text) * mib);
  return { weights, cache, state: 0, compute };
};
