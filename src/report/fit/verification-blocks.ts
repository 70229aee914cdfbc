import type { Verification, VerifiedRow } from "../../select/fit/verification.ts";
import { formatCount } from "../quantity.ts";
import type { Block } from "./blocks.ts";
import { componentWords } from "./words.ts";

/** Predicted, measured and the difference. */
export const verificationBlocks = (verification: Verification): Block[] => [
  { kind: "heading", text: "Verification" },
  {
    kind: "table",
    columns: [
      { header: "memory", align: "left" },
      { header: "predicted", align: "right" },
      { header: "measured", align: "right" },
      { header: "difference", align: "right" },
    ],
    rows: verification.rows.map(rowOf),
  },
  { kind: "text", text: verificationSentence(verification) },
];

const rowOf = ({ name, predicted, measured }: VerifiedRow): string[] => [
  name === "all" ? "all" : componentWords[name],
  mebibytes(predicted),
  mebibytes(measured),
  signed(measured - predicted),
];

const mib = 1024 ** 2;

/** llama.cpp prints mebibytes with two digits, and no more is known. */
const mebibytes = (bytes: number): string => `${(bytes / mib).toFixed(2)} MiB`;

const signed = (bytes: number): string => {
  const text = mebibytes(Math.abs(bytes));
  return bytes < 0 && !text.startsWith("0.00 ") ? `−${text}` : `+${text}`;
};

/** How it was measured, and what came of it. */
export const verificationSentence = ({ by, tool, settings, within, nvidiaSmi }: Verification): string => {
  const where = {
    gpu: "on the GPU",
    processor: "on the processor, because there is no GPU: the GPU's own additions are not in it",
    "stand-in": "with a server of this machine's processor in the place of a GPU",
  }[by];
  const rows = settings.logits === "all" ? ", which computes the logits of a whole micro-batch at once" : "";
  const counted =
    nvidiaSmi === null
      ? ""
      : ` nvidia-smi counted ${mebibytes(nvidiaSmi)} more while it was loaded, the driver's context included.`;
  const verdict = within ? "The prediction holds" : "The prediction does not hold";
  return `${verdict} (tolerance: 1 %, at least 2 MiB). Loaded by ${tool}${rows}, with a context of ${formatCount(settings.context)} tokens, ${where}.${counted}`;
};
