import type { Reason, ReasonCode } from "../base/reason.ts";
import { unreachable } from "../base/result.ts";
import { safe } from "./safe.ts";

/** Why a step is not a cache hit, in a few words without a full stop. */
export const describeReason = (reason: Reason): string => {
  switch (reason.code) {
    case "never-ran":
      return "never ran";
    case "parameter":
      return `parameter ${change(reason)}`;
    case "input":
      return describeInput(reason);
    case "tool":
      return `tool ${change(reason)}`;
    case "numeric-class":
      return `numeric class ${change(reason)}`;
    case "step-version":
      return "this program does the step in another way than before";
    case "output-missing":
      return `output ${safe(reason.field)} is gone from the store or damaged`;
    case "needed-again":
      return `output ${safe(reason.field)} is not kept and needed again`;
    case "upstream":
      return `${safe(reason.field)} runs first`;
    case "forced":
      return "--force names it";
    case "not-selected":
      return "--only does not name it";
    case "upstream-failed":
      return `${safe(reason.field)} did not succeed`;
    case "stopped":
      return "the run ended before its turn";
    case "decided":
      return describeDecided(reason);
    case "dominated":
      return `${safe(reason.field)} beats it by rule`;
    case "not-chosen":
      return `${safe(reason.field)} is not the choice`;
    case "not-needed":
      return "nothing that ran needs it";
    case "undecided-yet":
      return "only if earlier measurements leave it open";
    default:
      return unreachable(reason);
  }
};

/** A step that is left out because nothing needs it is no loss, unlike one that a failure or a choice of steps left out. */
export const isNoLoss = (reasons: readonly Reason[]): boolean =>
  reasons.length > 0 && reasons.every(({ code }) => noLoss.includes(code));

const noLoss: readonly ReasonCode[] = ["decided", "dominated", "not-chosen", "not-needed"];

/** Several reasons in one line; past the third they are only counted. */
export const describeReasons = (reasons: readonly Reason[]): string => {
  const texts = reasons.map(describeReason);
  const rest = texts.length - 3;
  return [...texts.slice(0, 3), ...(rest > 0 ? [`and ${rest} more`] : [])].join("; ");
};

const describeDecided = ({ field, verdict, domain }: Extract<Reason, { code: "decided" }>): string => {
  const words = { PASS: "passed", FAIL: "failed", UNDECIDED: "is undecided" }[verdict];
  return `${safe(field)} ${words}${domain === undefined ? "" : ` on ${safe(domain)}`}`;
};

interface Change {
  readonly field: string;
  readonly from: string;
  readonly to: string;
}

const change = ({ field, from, to }: Change): string => `${safe(field)} ${short(from)} → ${short(to)}`;

const describeInput = (reason: Change): string => {
  if (reason.from === "none") return `input ${safe(reason.field)} is new`;
  if (reason.to === "none") return `input ${safe(reason.field)} is gone`;
  return `input ${safe(reason.field)} changed ${short(reason.from)} → ${short(reason.to)}`;
};

/** Digests by their first twelve digits, and no value longer than 60 characters. */
const short = (value: string): string => {
  const text = safe(value).replaceAll(/\b[0-9a-f]{64}\b/g, (digest) => digest.slice(0, 12));
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
};
