import { formatBytes } from "../base/units.ts";
import type { CacheCollection, CacheRow, CacheUsage, CacheVerification } from "../run/cache-view.ts";
import { layTable, wrap, type Column } from "./layout.ts";
import { formatCount, formatSeconds, formatShare, plural } from "./quantity.ts";
import { safe } from "./safe.ts";
import { makeStyle } from "./style.ts";

export interface CacheOptions {
  readonly color: boolean;
  readonly columns: number;
}

/** What lies in the store: a line for each step of each pipeline, then the sums. */
export const formatUsage = (usage: CacheUsage, options: CacheOptions): string => {
  const { dim } = makeStyle(options.color);
  const rows = usage.rows.map((row) => [...cells(row), keptWords[row.kept]]);
  const table = rows.length === 0 ? [] : [...layTable(usageColumns, rows), ""];
  return [...table, ...totals(usage), ...hints(usage, options.columns).map(dim), ""].join("\n");
};

const usageColumns: readonly Column[] = [
  { header: "pipeline", align: "left" },
  { header: "step", align: "left" },
  { header: "actions", align: "right" },
  { header: "size", align: "right" },
  { header: "last use", align: "left" },
  { header: "kept", align: "left" },
];

const cells = ({ pipeline, step, actions, bytes, lastUse }: CacheRow): string[] => [
  pipeline === null ? "–" : safe(pipeline),
  safe(step),
  formatCount(actions),
  formatBytes(bytes),
  // To the minute, in UTC: a list is compared with logs of other machines.
  lastUse.slice(0, 16).replace("T", " "),
];

const keptWords: Readonly<Record<CacheRow["kept"], string>> = {
  "in-use": "a run is at work",
  pinned: "pinned",
  newest: "newest run",
  no: "",
};

const totals = (usage: CacheUsage): string[] => [
  `${safe(usage.store)}: ${formatBytes(usage.bytes)} in ${plural(usage.actions.length, "action")}; at most ${limitWords(usage.max)} after a run`,
  `${formatBytes(usage.collectable)} (${shareOf(usage.collectable, usage.bytes)}) can be collected`,
  `${formatBytes(usage.unreferenced)} (${shareOf(usage.unreferenced, usage.bytes)}) nothing refers to`,
  `Quarantine: ${usage.quarantine.files === 0 ? "empty" : `${formatBytes(usage.quarantine.bytes)} in ${plural(usage.quarantine.files, "file")}`}`,
  `Pinned: ${usage.pins.length === 0 ? "nothing" : usage.pins.map(safe).join(", ")}`,
];

const limitWords = (max: number | null): string => (max === null ? "as large as it gets" : formatBytes(max));

/** Whole percents: the figure is for a glance. */
const shareOf = (part: number, whole: number): string =>
  formatShare(Math.round((100 * part) / Math.max(1, whole)) / 100);

const hints = ({ collectable, max, bytes }: CacheUsage, columns: number): string[] =>
  collectable === 0 || max === null || bytes <= max
    ? []
    : [wrap("It is larger than it may be; the next run or `pipeline cache gc` makes it smaller.", columns)];

/** What was found, each thing with the steps that it came from, and what it means. */
export const formatVerification = (found: CacheVerification, { color, columns }: CacheOptions): string => {
  const style = makeStyle(color);
  const read = found.full
    ? `, ${formatBytes(found.hashedBytes)} read in ${formatSeconds(found.seconds)}`
    : "; sizes only (--full reads every byte)";
  const looked = `${plural(found.records, "record")} and ${plural(found.objects, "object")} of ${formatBytes(found.bytes)} looked at${read}`;
  if (found.damages.length === 0) return `${looked}\n${style.good("✓ sound")}\n`;
  const lines = found.damages.map(({ what, how, name, steps, quarantined }) => {
    const from = steps.length === 0 ? "" : ` (${[...new Set(steps)].map(safe).join(", ")})`;
    const where = quarantined === undefined ? "" : `, moved to ${safe(quarantined)}`;
    return `${style.bad("✗")} ${what} ${name.slice(0, 12)}${from} ${damageWords[how]}${where}`;
  });
  const meaning = wrap("Nothing of it will be used: the next run that needs it makes it again.", columns);
  return [looked, ...lines, `${plural(lines.length, "thing")} damaged or missing. ${meaning}`, ""].join("\n");
};

const damageWords: Readonly<Record<CacheVerification["damages"][number]["how"], string>> = {
  missing: "is missing",
  torn: "is damaged",
  "wrong-size": "has another size than recorded",
  "no-file": "is no file",
  "wrong-bytes": "has other bytes than its name says",
  unreadable: "cannot be read",
};

/** `Reading: 1.2 GiB of 4.0 GiB at 900 MiB/s, 3 s left` */
export const readingLine = (done: number, total: number, seconds: number): string => {
  const rate = seconds > 0 ? done / seconds : 0;
  const left = rate > 0 ? `, ${formatSeconds((total - done) / rate)} left` : "";
  return `Reading: ${formatBytes(done)} of ${formatBytes(total)} at ${formatBytes(Math.round(rate))}/s${left}`;
};

/** What a collection took, or would take, and why not more. */
export const formatCollection = (collection: CacheCollection, { columns }: CacheOptions): string => {
  const { dryRun, busy, actions, before, after, max, kept } = collection;
  if (busy) return "Another collection is at work on this store; nothing was done.\n";
  const rows = actions.map(({ pipeline, step, bytes, lastUse }) =>
    cells({ pipeline, step, actions: 1, bytes, lastUse, kept: "no" }).filter((_, index) => index !== 2),
  );
  const shown = usageColumns.filter(({ header }) => header !== "actions" && header !== "kept");
  const verb = dryRun ? "Would collect" : "Collected";
  const files = collection.files === 0 ? "" : ` and ${plural(collection.files, "file")} that nothing refers to`;
  const limit = max === null ? "" : ` (limit ${formatBytes(max)})`;
  const above =
    max === null || after <= max
      ? []
      : [
          wrap(
            `That is above the limit: ${formatBytes(kept)} belong to runs at work, pins and the newest run of each ` +
              "pipeline, and what is younger than an hour and nothing refers to stays too.",
            columns,
          ),
        ];
  return [
    ...(rows.length === 0 ? [] : [...layTable(shown, rows), ""]),
    `${verb} ${plural(actions.length, "action")}${files}: ${formatBytes(before)} → ${formatBytes(after)}${limit}`,
    ...above,
    "",
  ].join("\n");
};

/** What a pin keeps from now on. */
export const formatPin = (pipeline: string, actions: number): string =>
  actions === 0
    ? `${safe(pipeline)} is not pinned any more\n`
    : `${safe(pipeline)}: ${plural(actions, "action")} pinned, and kept whatever later runs make\n`;
