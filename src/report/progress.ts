import cliProgress from "cli-progress";
import type { Hashing, Progress } from "../base/event.ts";
import { formatAmount, formatSeconds } from "./quantity.ts";
import { safe } from "./safe.ts";

const barSize = 20;
const bar = {
  barsize: barSize,
  barCompleteString: "█".repeat(barSize),
  barIncompleteString: "░".repeat(barSize),
  barGlue: "",
  formatTime: formatSeconds,
};

/** Progress with a bar, as cli-progress draws it: `█████░░░ 45 % · 14 of 32 chunks · 3.1 chunks/s · ETA 5 s`. */
export const progressBar = (event: Progress): string =>
  cliProgress.Format.Formatter(
    { ...bar, format: `{bar} ${measures(event).join(" · ")}` },
    {
      progress: share(event),
      eta: event.eta ?? 0,
      startTime: 0,
      stopTime: 0,
      total: event.total,
      value: event.done,
      maxWidth: 0,
    },
    {},
  );

/** The same without the bar, for a log. */
export const progressLine = (event: Progress): string => measures(event).join(", ");

/** How far the reading of inputs is. The file comes last: a narrow terminal cuts it off first. */
export const hashingLine = ({ file, eta, ...event }: Hashing): string =>
  `hashing inputs: ${measures({ ...event, unit: "bytes", ...(eta > 0 ? { eta } : {}) }).join(", ")} (${safe(file)})`;

type Measured = Omit<Progress, "type" | "step">;

const share = ({ done, total }: Measured): number => (total > 0 ? Math.min(1, Math.max(0, done / total)) : 0);

const measures = (event: Measured): string[] => {
  const { done, total, rate, eta } = event;
  const unit = safe(event.unit);
  const amount =
    unit === "bytes" ? `${formatAmount(done, unit)} of ${formatAmount(total, unit)}` : `${done} of ${total} ${unit}`;
  return [
    `${Math.floor(share(event) * 100)} %`,
    amount,
    ...(Number.isFinite(rate) && rate > 0 ? [`${formatAmount(rate, unit)}/s`] : []),
    ...(eta !== undefined ? [`ETA ${formatSeconds(eta)}`] : []),
  ];
};
