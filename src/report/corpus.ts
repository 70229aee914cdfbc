import type { Capacity, DescribedText, Manifest, SourceFacts } from "../corpus/manifest.ts";
import type { Survey, SurveyedSource } from "../corpus/survey.ts";
import { formatBytes } from "../base/units.ts";
import { escapeMarkdown as text } from "./escape-markdown.ts";
import { table } from "./markdown-table.ts";
import { formatCount, formatShare, plural } from "./quantity.ts";
import { safe } from "./safe.ts";

/** A corpus for people who must decide whether to trust it, as Markdown that reads well on a terminal too. */
export const formatCorpus = (pipeline: string, manifest: Manifest, survey: Survey): string =>
  [
    `# Corpus of ${text(pipeline)}`,
    unitsText(manifest),
    sourcesTable(manifest, survey),
    "## What was dropped, removed and replaced",
    droppedTable(manifest),
    "## Overlap with calibration",
    overlapText(manifest),
    ...manifest.sources.flatMap((source, index) => sourceSection(source, survey.sources[index])),
  ].join("\n\n") + "\n";

/** A sentence for each domain; a list where there are several. */
const unitsText = (manifest: Manifest): string => {
  const sentences = manifest.capacity.map((capacity) => unitsSentence(manifest, capacity));
  return sentences.length === 1 ? sentences.join("") : sentences.map((sentence) => `- ${sentence}`).join("\n");
};

const unitsSentence = ({ unit, holdout, search }: Manifest, { domain, units: capacity }: Capacity): string => {
  const countIn = (texts: readonly DescribedText[]): number =>
    texts.flatMap(({ units }) => units).filter((each) => each.domain === domain).length;
  return (
    `Domain ${text(domain)}: ${plural(countIn(holdout), "unit")} of ${formatCount(unit)} tokens in the holdout and ` +
    `${formatCount(countIn([search]))} in the search split; its text could give about ${formatCount(capacity)} ` +
    "if none of it calibrated (estimated)."
  );
};

/** Windows that a source counts for: its matrix may be collected from more than its share comes to. */
const countedOf = ({ windows: { wanted, got } }: Manifest["sources"][number]): number => Math.min(wanted, got);

const sourcesTable = ({ sources, calibration }: Manifest, survey: Survey): string => {
  const windows = sources.reduce((sum, source) => sum + countedOf(source), 0);
  const header = [
    "source",
    "domain",
    "share",
    "got",
    "windows",
    "documents",
    "kept",
    "size",
    "tokens (estimated)",
    "used",
  ];
  const rows = sources.map((source, index) => [
    text(source.id),
    text(source.domain),
    formatShare(source.share),
    source.holdoutOnly ? "held out" : formatShare(Math.round((1000 * countedOf(source)) / Math.max(1, windows)) / 1000),
    source.windows.got >= source.windows.wanted
      ? formatCount(source.windows.got)
      : `${formatCount(source.windows.got)} of ${formatCount(source.windows.wanted)}`,
    formatCount(source.read),
    formatCount(source.kept),
    formatBytes(source.bytes),
    formatCount(survey.sources[index]?.tokens ?? 0),
    formatCount(calibration.find((part) => part.source === source.id)?.documents ?? 0),
  ]);
  return table(header, rows, 2);
};

const droppedTable = ({ sources }: Manifest): string => {
  const reasons = Object.keys(sources[0]?.dropped ?? {});
  const header = ["source", ...reasons, "boilerplate lines", "secrets"];
  const rows = sources.map(({ id, dropped, boilerplateLines, masked }) => [
    text(id),
    ...reasons.map((reason) => formatCount(dropped[reason] ?? 0)),
    formatCount(boilerplateLines),
    formatCount(Object.values(masked).reduce((sum, count) => sum + count, 0)),
  ]);
  return table(header, rows, 1);
};

const overlapText = (manifest: Manifest): string => {
  const { words, checked, dropped, exempt, examples } = manifest.overlap;
  const found = examples.map(({ source, name, runs }) => `- ${text(name)} of ${text(source)}: ${plural(runs, "run")}`);
  return [
    `${formatCount(dropped)} of ${plural(checked, "held-out document")} (${rateOf(manifest.overlap)}) shared a run of ${words} words with text that ` +
      `may calibrate, and were dropped; ${plural(exempt, "run")} ${exempt === 1 ? "is" : "are"} boilerplate and exempt.`,
    ...overlapCounts(manifest),
    ...(found.length === 0 ? [] : ["Such as:", found.join("\n")]),
  ].join("\n\n");
};

/** By source, and by domain where there are several. */
const overlapCounts = ({ sources: facts, overlap: { domains, sources } }: Manifest): string[] => {
  if (domains.length < 2) return bySource(sources);
  const domainOf = new Map(facts.map(({ id, domain }) => [id, domain]));
  return domains.flatMap((each) => [
    `Domain ${text(each.domain)}: ${outOf(each)} (${rateOf(each)})`,
    ...bySource(sources.filter(({ source }) => domainOf.get(source) === each.domain)),
  ]);
};

/** Nothing for a single source, whose counts have just been said. */
const bySource = (sources: Manifest["overlap"]["sources"]): string[] =>
  sources.length < 2 ? [] : [sources.map((each) => `- ${text(each.source)}: ${outOf(each)}`).join("\n")];

interface Counts {
  readonly checked: number;
  readonly dropped: number;
}

const rateOf = ({ checked, dropped }: Counts): string =>
  formatShare(Math.round((1000 * dropped) / Math.max(1, checked)) / 1000);

const outOf = ({ checked, dropped }: Counts): string => `${formatCount(dropped)} of ${formatCount(checked)}`;

const sourceSection = (
  { id, license, languages, masked }: SourceFacts,
  survey: SurveyedSource | undefined,
): string[] => {
  if (survey === undefined) return [];
  const { shortest, median, longest, lengths, copies, unreadable, samples } = survey;
  const facts = [
    ...(license === null ? [] : [`- Licence: ${text(license)}`]),
    `- Length: ${formatBytes(shortest)} to ${formatBytes(longest)}, median ${formatBytes(median)}`,
    ...counted("Languages", languages),
    ...counted("Replaced", masked),
    ...copies.map((copy) => `- Near copy: ${text(copy.name)} of ${text(copy.of)}, Jaccard ${copy.jaccard.toFixed(3)}`),
    ...unreadable.map(({ name, why }) => `- No text: ${text(name)}: ${text(why)}`),
  ];
  return [
    `## Source ${text(id)}`,
    facts.join("\n"),
    ...(lengths.length === 0 ? [] : [`\`\`\`\n${histogram(lengths)}\n\`\`\``]),
    ...samples.map((sample) => `\`${safe(sample.name).replaceAll("`", "'")}\`\n\n${quoted(sample.text)}`),
  ];
};

const counted = (title: string, counts: Readonly<Record<string, number>>): string[] => {
  const parts = Object.entries(counts).sort((a, b) => b[1] - a[1]);
  return parts.length === 0
    ? []
    : [`- ${title}: ${parts.map(([name, count]) => `${text(name)} ${formatCount(count)}`).join(", ")}`];
};

const barWidth = 40;

const histogram = (lengths: SurveyedSource["lengths"]): string => {
  const most = Math.max(...lengths.map(({ documents }) => documents));
  return lengths
    .map(({ to, documents }) => {
      const bar = "█".repeat(documents === 0 ? 0 : Math.max(1, Math.round((barWidth * documents) / most)));
      return `≤ ${formatBytes(to).padStart(8)}  ${formatCount(documents).padStart(8)}  ${bar}`.trimEnd();
    })
    .join("\n");
};

const quoted = (sample: string): string =>
  sample
    .split("\n")
    .map((line) => `> ${text(line)}`.trimEnd())
    .join("\n");
