// Loaded with `node --import`: lets one call among all that open, write, flush, rename, link or remove a file below a
// folder fail with a code of the operating system. Without a number it only counts them.
import fs from "node:fs";
import promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

/** JSON: the folder, a file that gets the number of calls at the end, and which call fails with what. */
const { folder, count, call, code } = JSON.parse(process.env["PIPELINE_TEST_FAIL_AT"] ?? "{}") as {
  readonly folder: string;
  readonly count: string;
  readonly call?: number;
  readonly code?: string;
};

type Call = (...args: unknown[]) => unknown;
const table = fs as unknown as Record<string, Call>;
const write = fs.writeFileSync;
const readlink = fs.readlinkSync;
/** Each call and its file, in their order. */
const said: string[] = [];
let failed = "nothing";
/** Calls that Node makes inside of another one are not counted. */
let depth = 0;

/** The file that a call is about: its last path, or that of its descriptor. */
const fileOf = (args: readonly unknown[]): string => {
  const [first, second] = args;
  if (typeof first === "number") {
    try {
      return readlink(`/proc/self/fd/${first}`);
    } catch {
      return "";
    }
  }
  return typeof second === "string" && second.startsWith("/") ? second : String(first);
};

/** The error of the call whose turn it is to fail; a full disk takes a part of a text before it says no. */
const refusal = (name: string, args: readonly unknown[]): Error | undefined => {
  const file = fileOf(args);
  if (depth > 0 || !file.startsWith(folder)) return undefined;
  said.push(`${name} ${file.slice(folder.length)}`);
  if (said.length !== call || code === undefined) return undefined;
  failed = `${name} ${file}`;
  const [target, text] = args;
  const cutsShort = code === "ENOSPC" || code === "EDQUOT";
  if (cutsShort && (name === "writeFileSync" || name === "appendFileSync") && typeof text === "string")
    write(target as string, text.slice(0, text.length / 2), { flag: name === "appendFileSync" ? "a" : "w" });
  return Object.assign(new Error(`${code}: injected, ${name} '${file}'`), { code, syscall: name, path: file });
};

const names =
  "openSync writeSync writeFileSync appendFileSync fsyncSync renameSync linkSync symlinkSync copyFileSync unlinkSync rmSync mkdirSync readFileSync chmodSync";
for (const name of names.split(" ")) {
  const real = table[name];
  if (real === undefined) continue;
  table[name] = (...args) => {
    const error = refusal(name, args);
    if (error !== undefined) throw error;
    depth += 1;
    try {
      return real(...args);
    } finally {
      depth -= 1;
    }
  };
}

// What a stream does, which is how the logs of tools are written.
for (const name of ["open", "write", "writev"]) {
  const real = table[name];
  if (real === undefined) continue;
  table[name] = (...args) => {
    const error = refusal(name, args);
    if (error === undefined) return real(...args);
    return process.nextTick(args.at(-1) as Call, error);
  };
}

const { open } = promises;
promises.open = async (...args) => {
  const error = refusal("open", args);
  if (error !== undefined) throw error;
  return open(...args);
};

syncBuiltinESMExports();
process.on("exit", () => write(count, JSON.stringify({ failed, said })));
