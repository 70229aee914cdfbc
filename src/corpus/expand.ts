import type { Reading } from "./reading.ts";
import { randomStream } from "./random.ts";

/** A prompt grammar whose references were checked: every slot exists and none contains itself. */
export interface PromptGrammar {
  readonly templates: readonly Weighted[];
  readonly slots: Readonly<Record<string, readonly Weighted[]>>;
}

interface Weighted {
  readonly text: string;
  readonly weight: number;
}

/** A prompt as a document of its grammar; its group is the template. */
export type Prompt = Extract<Reading, { kind: "document" }>;

/** Draws in a row that gave nothing new after which a template counts as exhausted. */
const patience = 200;

/**
 * Expansions of one template, without repetition, the same for the same seed: `{slot}` becomes one of the slot's
 * options, drawn by weight, `{{` and `}}` are braces. Ends when nothing new comes.
 */
export function* expandTemplate(
  grammar: PromptGrammar,
  template: number,
  seed: number,
  source: string,
): Generator<Prompt> {
  const random = randomStream(`${seed}\n${source}\n${template}`);
  const text = grammar.templates[template]?.text ?? "";
  const seen = new Set<string>();
  for (let misses = 0; misses < patience; misses += 1) {
    const expanded = fill(text, grammar, random);
    if (seen.has(expanded)) continue;
    seen.add(expanded);
    misses = 0;
    yield {
      kind: "document",
      group: `template ${template + 1}`,
      name: `template ${template + 1}, prompt ${seen.size}`,
      text: expanded,
    };
  }
}

const fill = (text: string, grammar: PromptGrammar, random: () => number): string =>
  text.replace(/\{\{|\}\}|\{([^{}]+)\}/g, (match, slot: string | undefined) => {
    if (slot === undefined) return match.charAt(0);
    return fill(pick(grammar.slots[slot] ?? [], random), grammar, random);
  });

const pick = (options: readonly Weighted[], random: () => number): string => {
  let left = random() * options.reduce((sum, { weight }) => sum + weight, 0);
  for (const { text, weight } of options) {
    left -= weight;
    if (left < 0) return text;
  }
  return options.at(-1)?.text ?? "";
};
