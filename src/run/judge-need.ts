import type { Reason } from "../base/reason.ts";
import { needless, needlessToBuild, type Needless, type Progress } from "../select/wanted.ts";
import { gather } from "./evidence.ts";
import type { JudgeNeed } from "./needless.ts";

export const judgeNeed: JudgeNeed = (params, { type, stretch }, read) => {
  const measured = gather(params, read);
  if (measured === undefined) return { code: "undecided-yet" };
  const order = measured.ladder.rungs.map((rung) => rung.type);
  const progress: Progress = { mode: params.mode, rules: measured.rules, ladder: order, losses: measured.losses };
  const found = stretch === undefined ? needlessToBuild(progress, type) : needless(progress, type, stretch);
  return found === undefined ? undefined : reasonOf(found);
};

const reasonOf = ({ type, verdict, domain }: Needless): Reason => ({
  code: "decided",
  field: type,
  verdict,
  ...(domain === undefined ? {} : { domain }),
});
