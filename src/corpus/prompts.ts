import type { Reading } from "./reading.ts";
import { expandTemplate, type PromptGrammar } from "./expand.ts";
import type { CorpusSource } from "./request.ts";

/** Fewer templates than this cannot be divided; they all calibrate. */
export const fewestTemplates = 10;

/** Bytes a token is taken to have at most when text is generated: enough for any prompt, twice over for most. */
const bytesPerToken = 8;

export interface PromptsOptions extends Pick<CorpusSource, "id" | "domain" | "share" | "license" | "holdoutOnly"> {
  readonly grammar: PromptGrammar;
  readonly seed: number;
  /** tokens of a unit; 0 when none of these prompts is held out */
  readonly unit: number;
  /** tokens of calibration text that it must give */
  readonly calibration: number;
}

/**
 * Prompts of a grammar as a source. Every template gives as much text as it could be asked for whichever side it comes
 * to lie on, because sides are decided later: a template is a group, and its expansions lie on one side.
 */
export const promptsSource = ({ grammar, seed, unit, calibration, ...source }: PromptsOptions): CorpusSource => {
  const { templates } = grammar;
  // For the holdout two units at most; for calibration enough that half of the templates do, whatever their weights.
  const quota = Math.max(2 * unit, (4 * calibration) / Math.max(1, templates.length)) * bytesPerToken;
  return {
    ...source,
    kind: "prompts",
    divisible: templates.length >= fewestTemplates,
    turns: new Map(templates.map(({ weight }, index) => [`template ${index + 1}`, weight])),
    bytes: Math.round(quota * templates.length),
    *read() {
      for (const index of templates.keys()) yield expansions(grammar, index, seed, source.id, quota);
    },
  };
};

const expansions = (grammar: PromptGrammar, template: number, seed: number, id: string, bytes: number): Reading[] => {
  const readings: Reading[] = [];
  let made = 0;
  for (const prompt of expandTemplate(grammar, template, seed, id)) {
    if (made >= bytes) break;
    readings.push(prompt);
    made += prompt.text.length;
  }
  return readings;
};
