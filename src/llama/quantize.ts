import { err, ok, type Result } from "../base/result.ts";
import type { Threads } from "../base/tool.ts";
import { tensorBytes } from "./ggml-types.ts";
import { lineReader } from "./lines.ts";
import type { OnText } from "./log.ts";
import { complete, type Outcome } from "./outcome.ts";

export interface QuantizeRequest {
  /** File names relative to the working directory. The imatrix' name and its data sets are written into the output. */
  readonly model: string;
  readonly output: string;
  /** A type of llama-quantize, such as `Q4_K_M`. */
  readonly type: string;
  readonly imatrix?: string;
  /** Weights that get a type of their own, by name. */
  readonly pins?: { readonly type: string; readonly weights: readonly string[] };
  /** Texts for the header of the output, by key: neither a key nor a text may be longer than `longestEntry`. */
  readonly entries?: Readonly<Record<string, string>>;
  readonly threads: Threads;
}

/** Bytes of a key or a text that the tool takes; one more, and it prints its usage and ends with 1 (measured with 0.5.0). */
export const longestEntry = 127;

/** argv that quantizes. Output bytes do not depend on `threads`. The output is written in place, its header last. */
export const quantizeArgv = (request: QuantizeRequest): string[] => [
  ...imatrixFlag(request.imatrix),
  ...pinFlags(request.pins),
  ...Object.entries(request.entries ?? {}).flatMap(([key, text]) => ["--override-kv", `${key}=str:${text}`]),
  inPlace(request.model),
  inPlace(request.output),
  request.type,
  String(request.threads),
];

/** argv that only says what `quantizeArgv` would do. It checks neither sizes nor coverage of the imatrix. */
export const dryRunArgv = (request: Omit<QuantizeRequest, "output" | "entries">): string[] => [
  "--dry-run",
  ...imatrixFlag(request.imatrix),
  ...pinFlags(request.pins),
  inPlace(request.model),
  request.type,
  String(request.threads),
];

const imatrixFlag = (name: string | undefined): string[] => (name === undefined ? [] : ["--imatrix", name]);

/** The tool searches names for an expression, so `blk.1.` would fit `blk.11.` as well without its ends and dots. */
const pinFlags = (pins: QuantizeRequest["pins"]): string[] =>
  (pins?.weights ?? []).flatMap((weight) => [
    "--tensor-type",
    `^${weight.replaceAll(/[^\w-]/g, String.raw`\$&`)}$=${pins?.type.toLowerCase() ?? ""}`,
  ]);

/** The tool takes a name such as `7b.gguf` for the type number 7; with a leading `./` it cannot. */
const inPlace = (name: string): string => (name.startsWith("/") ? name : `./${name}`);

/** One tensor of the model. Types as ggml names them, such as `q4_K`. */
export interface QuantizedTensor {
  readonly name: string;
  /** Row length first; four numbers. */
  readonly shape: readonly number[];
  readonly from: string;
  /** Equal to `from` when it is copied. */
  readonly to: string;
  /** Set when `to` stands in for a type whose block does not divide the row. */
  readonly wanted?: string;
}

/** What a run of llama-quantize has said so far. */
export interface QuantizeRun {
  /** Tensors begun, and in all. */
  readonly done: number;
  readonly total?: number;
  /** Those that are finished. */
  readonly tensors: readonly QuantizedTensor[];
  /** Tensor data of the source and of the result; the file has its header beside them. MiB, two digits behind the point. */
  readonly modelMib?: number;
  readonly quantMib?: number;
  /** Bits per weight of the result. */
  readonly bitsPerWeight?: number;
  /** The dry run says that this type needs an imatrix and none was given. */
  readonly needsImatrix: boolean;
  /** Of the tool, printed on stderr as the first line. */
  readonly version?: string;
  readonly errors: readonly string[];
}

const headPattern = /^\[ *(\d+)\/ *(\d+)\] +(\S+) +- \[([\d, ]+)\], type = *(\S+), /;
const bodyPattern = /^(?:converting to (\S+) \.\. )?size = *[\d.]+ MiB(?: -> *[\d.]+ MiB(?: \((\S+)\))?)?/;
const sizePattern = /(model|quant) size += +([\d.]+) MiB \(([\d.]+) BPW\)/;
const fallbackPattern = /^warning: (\S+) +- ncols .*\(required for type +(\S+)\) .*-> falling back to +(\S+)/;
/** What stopped it, and why its arguments or its imatrix cannot be used. */
const errorPatterns = [
  /failed to quantize: (.+)$/,
  /^\w+: ((?:error: |failed to load imatrix|missing imatrix|invalid ).*)$/,
];
const imatrixPattern = /requires an importance matrix|completing this quantization will require an imatrix/;

export interface QuantizeParser {
  readonly push: OnText;
  /** Can be asked at any time. */
  readonly run: () => QuantizeRun;
}

export const quantizeParser = (): QuantizeParser => {
  let run: State = { done: 0, tensors: [], needsImatrix: false, errors: [], wanted: new Map() };
  const onLine = (line: string): void => {
    run = readLine(run, line);
  };
  const readers = { stdout: lineReader(onLine, [headPattern]), stderr: lineReader(onLine, [headPattern]) };
  return { push: (text, stream) => readers[stream].push(text), run: () => publicRun(run) };
};

interface State extends QuantizeRun {
  /** The tensor whose head was printed last. */
  readonly open?: Omit<QuantizedTensor, "to">;
  /** Tensor → type it should have had. */
  readonly wanted: Map<string, string>;
}

const publicRun = ({ open: _open, wanted, ...run }: State): QuantizeRun => ({
  ...run,
  tensors: run.tensors.map((tensor) => {
    const type = wanted.get(tensor.name);
    return type === undefined ? tensor : { ...tensor, wanted: type };
  }),
});

/** The record of a tensor comes in two lines, its head being complete early; a notice can stand between them. */
const readLine = (run: State, line: string): State => {
  const head = headPattern.exec(line);
  if (head !== null) return { ...run, ...readHead(head) };
  const body = bodyPattern.exec(line);
  if (body !== null && run.open !== undefined) return closeTensor(run, run.open, body[1] ?? body[2]);
  const fallback = fallbackPattern.exec(line);
  if (fallback !== null) run.wanted.set(fallback[1] ?? "", fallback[2] ?? "");
  return readTotal(run, line);
};

const readHead = ([, index, total, name = "", shape = "", from = ""]: RegExpExecArray): Partial<State> => ({
  done: Number(index),
  total: Number(total),
  open: { name, shape: shape.split(",").map(Number), from },
});

const closeTensor = (run: State, open: Omit<QuantizedTensor, "to">, to: string | undefined): State => {
  const { open: _closed, ...rest } = run;
  return { ...rest, tensors: [...run.tensors, { ...open, to: to ?? open.from }] };
};

const readTotal = (run: State, line: string): State => {
  const [, which, mib, bits] = sizePattern.exec(line) ?? [];
  if (which === "model") return { ...run, modelMib: Number(mib) };
  if (which === "quant") return { ...run, quantMib: Number(mib), bitsPerWeight: Number(bits) };
  if (imatrixPattern.test(line)) return { ...run, needsImatrix: true };
  const version = /^version: (.+)$/.exec(line)?.[1];
  if (version !== undefined) return { ...run, version };
  const error = errorPatterns.map((pattern) => pattern.exec(line)?.[1]).find((found) => found !== undefined);
  return error === undefined ? run : { ...run, errors: [...run.errors, error] };
};

/**
 * Judges the output of a run, dry or not, that exited 0. Unlike the other tools this one logs without a thread, so a
 * missing line is not expected; the file itself is checked with `checkGguf`.
 */
export const quantizeOutcome = (run: QuantizeRun): Outcome => {
  const error = run.errors[0];
  if (error !== undefined) return { status: "refused", message: error };
  if (run.total === undefined) return { status: "incomplete", missing: "the list of tensors" };
  if (run.tensors.length !== run.total)
    return { status: "incomplete", missing: `tensor ${run.tensors.length + 1} of ${run.total}` };
  return run.quantMib === undefined ? { status: "incomplete", missing: "the line `quant size`" } : complete;
};

/**
 * Bytes of the file that a dry run is about: its tensor data by types and shapes, and the header of the model, which is
 * the candidate's but for the name of the matrix and the given entries. The error is a tensor whose type is not known here.
 */
export const quantizedBytes = (
  { tensors }: QuantizeRun,
  modelBytes: number,
  entries: QuantizeRequest["entries"] = {},
): Result<number, QuantizedTensor> => {
  let bytes = modelBytes + entryBytes(entries);
  for (const tensor of tensors) {
    const [before, after] = [tensorBytes(tensor.from, tensor.shape), tensorBytes(tensor.to, tensor.shape)];
    if (before === undefined || after === undefined) return err(tensor);
    bytes += after - before;
  }
  return ok(bytes);
};

/** A key and a text with their lengths, and the type of the text: 8, 4 and 8 bytes. */
const entryBytes = (entries: Readonly<Record<string, string>>): number =>
  Object.entries(entries).reduce((sum, [key, text]) => sum + 20 + Buffer.byteLength(key) + Buffer.byteLength(text), 0);
