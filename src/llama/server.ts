/** How llama-server is to load a model: the flags that decide its memory. */
export interface ServerRequest {
  /** File name. */
  readonly model: string;
  /** Tokens of all sequences together. */
  readonly context: number;
  readonly cache: string;
  readonly sequences: number;
  /** Tokens; `batch` is given where the default of 2,048 is too small for the micro-batch. */
  readonly microBatch: number;
  readonly batch: number;
}

/**
 * argv that serves a model so. Flags are given even where they equal the default; `-fit off`: what is written here is what is
 * loaded, and where it does not fit the server says so and does not put layers into the main memory without a word.
 */
export const serverArgv = (request: ServerRequest): string[] =>
  [
    ["-m", request.model.startsWith("-") ? `./${request.model}` : request.model],
    ["-c", String(request.context)],
    ["-ngl", "all"],
    ["-ctk", request.cache],
    ["-ctv", request.cache],
    ["-fa", "on"],
    ["-np", String(request.sequences)],
    request.sequences > 1 ? ["-no-kvu"] : [],
    request.batch > 2048 ? ["-b", String(request.batch)] : [],
    ["-ub", String(request.microBatch)],
    ["-fit", "off"],
  ].flat();
