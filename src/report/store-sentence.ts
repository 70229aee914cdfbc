import { formatBytes } from "../base/units.ts";
import type { RunRecord, StoreSummary } from "../run/record.ts";
import { plural } from "./quantity.ts";

/** How large the store is after a run, what was collected, and why it is not smaller; nothing where it was not read. */
export const storeSentence = ({ storeSummary }: Pick<RunRecord, "storeSummary">): string[] =>
  storeSummary === null
    ? []
    : [[sizeSentence(storeSummary), ...collectedSentence(storeSummary), ...aboveSentence(storeSummary)].join(" ")];

const sizeSentence = ({ bytes, actions, collectable }: StoreSummary): string => {
  const more = collectable > 0 ? `; ${formatBytes(collectable)} can be collected` : "";
  return `Store: ${formatBytes(bytes)} in ${plural(actions, "action")}${more}.`;
};

const collectedSentence = ({ collected, max }: StoreSummary): string[] => {
  if (collected.actions === 0)
    return collected.bytes === 0 ? [] : [`Collected ${formatBytes(collected.bytes)} that nothing refers to.`];
  const limit = max === null ? "" : ` to come below ${formatBytes(max)}`;
  return [`Collected ${plural(collected.actions, "action")} (${formatBytes(collected.bytes)})${limit}.`];
};

const aboveSentence = ({ bytes, max, kept }: StoreSummary): string[] =>
  max === null || bytes <= max
    ? []
    : [
        `That is above the limit of ${formatBytes(max)}: ${formatBytes(kept)} belong to runs at work, pins and the newest ` +
          "run of each pipeline.",
      ];

/** Said only of a copy, which takes the room a second time. */
export const copySentence = ({ links }: Pick<RunRecord, "links">, file: string | undefined): string[] =>
  file === undefined || links[file] !== "copy"
    ? []
    : [
        "The chosen file is a copy: the results lie on another file system than the store, or on one that cannot link. " +
          "With --cache or --out on one file system it takes no room of its own.",
      ];
