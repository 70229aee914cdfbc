import type { Answer } from "../../select/answer.ts";
import type { Figures } from "../plot/figures.ts";
import { ablationPanel } from "./ablation-panel.ts";
import { candidatesPanel } from "./candidates-panel.ts";
import { corpusPanel } from "./corpus-panel.ts";
import { curvePanel } from "./curve-panel.ts";
import { decisionPanel } from "./decision-panel.ts";
import { divergencePanel } from "./divergence-panel.ts";
import { domainsPanel } from "./domains-panel.ts";
import { imatrixPanel } from "./imatrix-panel.ts";
import { memoryPanel } from "./memory-panel.ts";
import { originsPanel } from "./origins-panel.ts";
import type { MakePanel, Panel } from "./panel.ts";
import { provenancePanel } from "./provenance-panel.ts";

/** The sections of the page, in its order. A new one is a file beside these and a line here. */
const makers: readonly MakePanel[] = [
  curvePanel,
  candidatesPanel,
  decisionPanel,
  divergencePanel,
  domainsPanel,
  memoryPanel,
  corpusPanel,
  imatrixPanel,
  ablationPanel,
  provenancePanel,
  originsPanel,
];

export const panelsOf = (answer: Answer, figures: Figures): Panel[] =>
  makers.flatMap((make) => make(answer, figures) ?? []);
