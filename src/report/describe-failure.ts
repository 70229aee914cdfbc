import type * as failures from "../base/failure.ts";
import type { Failure } from "../base/failure.ts";
import { unreachable } from "../base/result.ts";
import { formatBytes } from "../base/units.ts";
import { describeChange } from "./describe-lock.ts";
import { describeUncovered } from "./describe-uncovered.ts";
import { summarize } from "./diagnostics.ts";
import { formatCount, formatSeconds, formatShare, plural } from "./quantity.ts";
import { safe } from "./safe.ts";

/** A failure in words. Each part is one line without control characters. */
export interface FailureText {
  /** What went wrong and where, without a full stop. */
  readonly headline: string;
  readonly details: readonly string[];
  /** What to do about it. */
  readonly help?: string;
}

const kept = "Everything finished is kept: the same command goes on from there.";

/** What happened, where, and what to do. The same reasons are explained at length in docs/failures.md. */
export const describeFailure = (failure: Failure): FailureText => {
  const { headline, details, help } = describe(failure);
  return { headline: safe(headline), details: details.map(safe), ...(help === undefined ? {} : { help: safe(help) }) };
};

const describe = (failure: Failure): FailureText => {
  switch (failure.reason) {
    case "invalid-pipeline":
      return describePipeline(failure);
    case "unusable-argument":
      return words(failure.message, [], "`pipeline --help` lists the commands and their options.");
    case "toolchain-missing":
      return words("no usable llama.cpp tools were found", failure.tried, `Run \`${failure.remedy}\`.`);
    case "toolchain-build-failed":
      return describeBuild(failure);
    case "model-unusable":
      return describeModel(failure);
    case "corpus-unreadable":
      return describeUnreadable(failure);
    case "corpus-short":
      return describeShort(failure);
    case "corpus-overlap":
      return describeOverlap(failure);
    case "source-failed":
      return describeSource(failure);
    case "tool-failed":
      return describeTool(failure);
    case "tool-incomplete":
      return describeIncomplete(failure);
    case "tool-stalled":
      return describeStall(failure);
    case "artifact-invalid":
      return describeArtifact(failure);
    case "not-reproduced":
      return describeDifference(failure);
    case "imatrix-uncovered":
      return describeUncovered(failure);
    case "imatrix-unusable":
      return words(
        `the importance matrix ${failure.file} cannot be used with this model: it ${failure.why}`,
        [],
        "Give a whole matrix of this very model, or leave `imatrix.import` out to collect one.",
      );
    case "input-changed":
      return describeChanged(failure);
    case "logits-disk":
      return describeLogits(failure);
    case "disk-short":
      return describeShortage(failure);
    case "disk-full":
      return describeFull(failure);
    case "file-trouble":
      return describeFile(failure);
    case "interrupted":
      return words(`stopped by ${failure.signal}`, [], kept);
    case "frozen-changed":
      return describeFrozen(failure);
    case "store-read-only":
      return describeReadOnly(failure);
    case "deadline":
      return describeDeadline(failure);
    default:
      return unreachable(failure);
  }
};

const words = (headline: string, details: readonly string[], help: string): FailureText => ({
  headline,
  details,
  help,
});

const describePipeline = ({ diagnostics }: failures.InvalidPipeline): FailureText => {
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  return words(
    `the pipeline has ${plural(errors, "mistake")}`,
    diagnostics.map((diagnostic) => summarize(diagnostic)),
    "Correct the places above; `pipeline check` shows what is left.",
  );
};

const buildHelp: Readonly<Record<failures.ToolchainBuildFailed["stage"], string>> = {
  fetch: "Check the network and its proxy, then run `pipeline toolchain install` again.",
  unpack: "Check that the disk has space, then run `pipeline toolchain install` again.",
  configure: "A build needs git, cmake and a C++ compiler: `pipeline doctor` says which is missing.",
  compile: "The log holds the compiler's message. Another llama.cpp can be given with `--llama-cpp DIR`.",
  check: "The tools were built but do not work here. Another llama.cpp can be given with `--llama-cpp DIR`.",
};

const describeBuild = ({ stage, message, log }: failures.ToolchainBuildFailed): FailureText =>
  words(`building llama.cpp failed (${stage}): ${message}`, log === undefined ? [] : [`Log: ${log}`], buildHelp[stage]);

const describeModel = ({ file, why, remedy }: failures.ModelUnusable): FailureText =>
  words(
    `the model ${file} cannot be used: ${why}`,
    [],
    remedy ?? "Give a whole GGUF file in full precision: F32, F16 or BF16.",
  );

const describeUnreadable = ({ count, files }: failures.CorpusUnreadable): FailureText => {
  const [first] = files;
  const help =
    "Save them as UTF-8, leave them out of the source, or set `corpus.hygiene.unreadable: skip` to go on without.";
  if (count === 1 && first !== undefined)
    return words(`${first.file} of source ${first.source} cannot be read as text: ${first.why}`, [], help);
  const rest = count > files.length ? [`and ${formatCount(count - files.length)} more`] : [];
  const lines = files.map(({ source, file, why }) => `${file} of source ${source}: ${why}`);
  return words(`${plural(count, "document")} cannot be read as text`, [...lines, ...rest], help);
};

const describeOverlap = ({ domain, rate, limit, checked, dropped, examples }: failures.CorpusOverlap): FailureText =>
  words(
    `held-out ${domain} text shares too much with calibration: ${formatShare(rate)} of its documents, and ${formatShare(limit)} may`,
    [
      `${formatCount(dropped)} of ${plural(checked, "document")} have a run of thirteen words that calibration text has too:`,
      ...examples.map(({ source, name, runs }) => `  ${name} of source ${source}, ${plural(runs, "run")}`),
    ],
    "Take copied text out of the sources, keep what belongs together in one file or `group`, or raise `corpus.overlap-limit`.",
  );

const describeSource = ({ source, program, message, lastLines, log }: failures.SourceFailed): FailureText => {
  const ending = lastLines.length === 0 ? [] : ["It ended with:", ...lastLines.map((line) => `  ${line}`)];
  const help = `Mend what it names, then run the same command again. ${kept}`;
  return words(`${program} did not give the text of source ${source}: ${message}`, [...ending, `Log: ${log}`], help);
};

const askLess: Readonly<Record<failures.CorpusShort["split"], string>> = {
  calibration: "lower `imatrix.chunks` or its `share`",
  search: "lower `corpus.split.search`",
  holdout: "lower `validate.units`",
};

const describeShort = ({ source, split, wanted, available }: failures.CorpusShort): FailureText =>
  words(
    `source ${source} has too little text for ${split}`,
    [`${formatCount(wanted)} tokens are wanted, ${formatCount(available)} are available.`],
    split === "calibration"
      ? `Add text to the source, ${askLess[split]}, or set \`corpus.short: allow\` to go on with what there is.`
      : `Add documents to the source (of a document that reaches the end of a unit the rest is not used), or ${askLess[split]}.`,
  );

const describeTool = (failure: failures.ToolFailed): FailureText => {
  const { tool, step, message, lastLines, log, signal } = failure;
  const ending = lastLines.length === 0 ? [] : ["It ended with:", ...lastLines.map((line) => `  ${line}`)];
  const help =
    signal === "SIGKILL"
      ? "The system may have run out of memory: try `--jobs 1`."
      : "Read the log, mend what it names, then run the same command again.";
  return words(`${tool} ${howItEnded(failure)} in ${step}: ${message}`, [...ending, `Log: ${log}`], `${help} ${kept}`);
};

const howItEnded = ({ signal, exitCode }: failures.ToolFailed): string => {
  if (signal !== undefined) return `was ended by ${signal}`;
  return exitCode === undefined ? "failed" : `failed with exit code ${exitCode}`;
};

const describeIncomplete = ({ tool, step, missing, attempts, log }: failures.ToolIncomplete): FailureText =>
  words(
    `${tool} left its output incomplete in ${step}: ${missing}`,
    [`It was run ${plural(attempts, "time")}.`, `Log: ${log}`],
    `Run the same command again. If this stays, try another version of llama.cpp. ${kept}`,
  );

const describeStall = ({ tool, step, seconds, log }: failures.ToolStalled): FailureText =>
  words(
    `${tool} did nothing for ${formatSeconds(seconds)} in ${step} and was ended`,
    [`Log: ${log}`],
    `Run the same command again; raise \`timeouts.stall\` if this machine is slow or was asleep. ${kept}`,
  );

const describeArtifact = ({ step, output, why, quarantined }: failures.ArtifactInvalid): FailureText =>
  words(
    `output ${output} of ${step} failed its check: ${why}`,
    quarantined === undefined ? [] : [`The file was put aside: ${quarantined}`],
    "Nothing was published. Check disk and memory, then run the same command again.",
  );

const describeDifference = ({ step, output, expected, got }: failures.NotReproduced): FailureText =>
  words(
    `output ${output} of ${step} came out different when it was made again`,
    [`expected ${expected}`, `got      ${got}`],
    `Run again with \`--force ${step}\` to make it and all that depends on it anew.`,
  );

const describeChanged = ({ step, path }: failures.InputChanged): FailureText =>
  words(
    `${path} changed while ${step} read it`,
    ["What the step made was not kept: it could have come from the old bytes, the new ones, or both."],
    `Wait until the file is complete, then run the same command again. ${kept}`,
  );

const elsewhere = "put the store elsewhere with `--cache DIR`, or the results with `--out DIR`";

const describeShortage = ({ step, path, writes, others, margin, need, free }: failures.DiskShort): FailureText =>
  words(
    `${step} was not begun: it needs ${formatBytes(need)} on the disk of ${path}, where ${formatBytes(free)} are free`,
    [
      `It writes ${formatBytes(writes)}${others === 0 ? "" : `, steps that run now still write ${formatBytes(others)}`}, and ${formatBytes(margin)} are to stay free.`,
    ],
    `Free some space, or ${elsewhere}. ${kept}`,
  );

const fullWords: Readonly<Record<NonNullable<failures.DiskFull["lacks"]> | "space", readonly [string, string]>> = {
  space: ["the disk is full", "Free some space"],
  quota: ["a quota is used up", "Free some space, ask for a larger quota"],
  inodes: ["the disk can hold no more files (no inodes are left)", "Remove files that are not needed"],
};

const describeFull = ({ path, free, need, lacks }: failures.DiskFull): FailureText => {
  const [headline, help] = fullWords[lacks ?? "space"];
  return words(
    `${headline}: ${path}`,
    [
      ...(free === undefined
        ? []
        : [`${formatBytes(free)} are free${lacks === "quota" ? " on the disk itself" : ""}.`]),
      ...(need === undefined ? [] : [`${formatBytes(need)} were to be written in all.`]),
    ],
    `${help}, or ${elsewhere}. ${kept}`,
  );
};

const codes: Readonly<Record<string, readonly [meaning: string, help: string]>> = {
  EACCES: ["permission denied", "Change the permissions, or choose another place."],
  EPERM: ["not permitted", "Change the permissions, or choose another place."],
  ENOENT: ["it does not exist", "Check the path."],
  ENOTDIR: ["a part of the path is no directory", "Check the path."],
  EISDIR: ["it is a directory", "Check the path."],
  EROFS: ["the file system is read-only", "Choose another place with `--cache` or `--out`."],
  EMFILE: ["too many files are open", "Raise the limit with `ulimit -n`."],
  EIO: ["the disk reported an error", "Check the disk."],
};

const describeLogits = ({ need, limit, mode, units }: failures.LogitsDisk): FailureText =>
  words(
    `base logits would take ${formatBytes(need)}, and \`validate.logits-disk\` allows ${formatBytes(limit)}`,
    [
      mode === "decisive"
        ? "In `decisive` mode those of all shards are kept."
        : `The largest shard has ${plural(units, "unit")}.`,
    ],
    mode === "decisive"
      ? "Raise the limit, or use `select.mode: ladder`, which keeps one shard at a time."
      : "Raise the limit, or lower `validate.units`.",
  );

const describeFrozen = ({ lock, problem, changes }: failures.FrozenChanged): FailureText => {
  const write = "`pipeline run FILE --update-lock` writes it";
  if (problem === "missing")
    return words(`there is no ${lock} to hold a frozen run to`, [], `${write}; then commit it.`);
  if (problem === "damaged")
    return words(`${lock} is no lock file of this version`, [], `Restore it, or ${write} anew.`);
  return words(
    `this run would use other things than ${lock} says`,
    changes.map((change) => describeChange(change)),
    `Put back what changed; if it was meant to, ${write} anew.`,
  );
};

const describeReadOnly = ({ store, step }: failures.StoreReadOnly): FailureText =>
  words(
    `the store ${store} may only be read, and ${step === undefined ? "what was piped in" : `what ${step} makes`} is not in it`,
    [],
    "Run it where the store may be written to, or use one of your own with `--cache DIR`.",
  );

const describeDeadline = ({ seconds, steps }: failures.DeadlineReached): FailureText =>
  words(
    `the deadline of ${formatSeconds(seconds)} was reached`,
    steps === undefined ? [] : [`${formatCount(steps.done)} of ${plural(steps.all, "step")} are done.`],
    kept,
  );

const describeFile = ({ path, operation, code }: failures.FileTrouble): FailureText => {
  const [meaning, help] = codes[code] ?? [];
  return words(
    `cannot ${operation} ${path}: ${meaning === undefined ? code : `${meaning} (${code})`}`,
    [],
    help ?? "Check the path and the disk, then run the same command again.",
  );
};
