import type { Origin } from "./origins.ts";

const difference = (path: string): Readonly<Record<string, Origin>> => ({
  [`${path}.mean`]: "derived",
  [`${path}.lower`]: "estimated",
  [`${path}.upper`]: "estimated",
});

/** How the numbers of `report.json` on compared importance matrices came to be, by path: part of the table in `origins.ts`. */
export const ablationOrigins: Readonly<Record<string, Origin>> = {
  "ablation.errorRate": "given",
  "ablation.intervals": "derived",
  "ablation.units": "measured",
  "ablation.builds[].bpw": "measured",
  "ablation.builds[].domains[].lnPplRatio": "derived",
  "ablation.builds[].domains[].kld": "derived",
  "ablation.builds[].domains[].losses.*[]": "derived",
  ...difference("ablation.comparisons[].kld"),
  ...difference("ablation.comparisons[].lnPplRatio"),
};
