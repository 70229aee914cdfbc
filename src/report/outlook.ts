import { formatBytes } from "../base/units.ts";
import type { Decidable, Outlook } from "../run/outlook.ts";
import type { DiskOutlook } from "../run/disk-outlook.ts";
import type { LogitsNeed } from "../run/logits-disk.ts";
import type { SizesEstimate } from "../run/sizes.ts";
import { modelLines } from "./model-lines.ts";
import { formatUnits } from "./plan.ts";
import { formatShare, plural } from "./quantity.ts";
import { safe } from "./safe.ts";
import { textLines } from "./text-lines.ts";

/** What a run will have to do with, one line each. */
export const formatOutlook = ({ model, texts, units, sizes, logits, disk, decidable }: Outlook): string =>
  [
    ...(model === null ? [] : modelLines(model)),
    ...textLines(texts),
    formatUnits(units).trimEnd(),
    ...(sizes === null ? [] : sizeLines(sizes)),
    ...(logits === null ? [] : [logitsLine(logits)]),
    ...(disk === null ? [] : [diskLine(disk)]),
    ...decidable.map(decidableLine),
    "",
  ].join("\n");

const sizeLines = ({ rungs, pruned, origin }: SizesEstimate): string[] => [
  `Sizes (${origin === "derived" ? "derived from dry runs" : "estimated, without the importance matrix"}): ` +
    rungs.map(({ type, bytes }) => `${safe(type)} ${formatBytes(bytes)}`).join(", "),
  ...pruned.map(({ type, by }) => `${safe(type)} is left out: ${safe(by)} is no larger and better by rule`),
];

const logitsLine = ({ peak, limit }: LogitsNeed): string =>
  `Base logits take up to ${formatBytes(peak)} at once${limit === null ? "" : ` of ${formatBytes(limit)} allowed`} (derived)`;

const fits: Readonly<Record<DiskOutlook["fits"], string>> = {
  yes: "",
  perhaps: ": it may not fit",
  no: ": it will not fit",
};

const diskLine = ({ path, most, margin, free, fits: verdict }: DiskOutlook): string =>
  `The run writes up to ${formatBytes(most)} below ${safe(path)} (estimated), where ${formatBytes(free)} are free and ` +
  `${formatBytes(margin)} are to stay free${fits[verdict]}`;

const decidableLine = ({ domain, units, ppl, shown, alpha }: Decidable): string => {
  const on = `${plural(units, "unit")} of ${safe(domain)} at an error rate of ${formatShare(alpha)}`;
  if (ppl === null || shown === null)
    return `${on}: the limit on perplexity shows when the full-precision model is measured`;
  return `${on}: a rise of perplexity up to about ${formatShare(Number(shown.toPrecision(2)))} can be shown to lie within ${formatShare(ppl)} (estimated)`;
};
