import { byCodeUnit } from "../base/canonical.ts";
import { cleanText, duplicateKey, isTooShort } from "./clean.ts";
import type { Document, Dropped, Split } from "./document.ts";
import { expandTemplate, type PromptGrammar } from "./expand.ts";
import { rank } from "./random.ts";
import { err, ok, type Result } from "../base/result.ts";

/** A source with its raw material. */
export type RawSource = RawFiles | RawPrompts;

interface RawBase {
  readonly id: string;
  readonly domain: string;
  readonly share: number;
}
export interface RawFiles extends RawBase {
  readonly kind: "files";
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[];
}
export interface RawPrompts extends RawBase {
  readonly kind: "prompts";
  readonly grammar: PromptGrammar;
}

/** Documents of a source by split, in frozen order. Splits that name the same array are taken one after the other. */
export interface SplitSource {
  readonly id: string;
  readonly read: number;
  readonly dropped: Dropped;
  readonly splits: Readonly<Record<Split, readonly Document[]>>;
}

/** Bytes a token is taken to have at most when text is generated: enough for any prompt, twice over for most. */
const bytesPerToken = 8;

/**
 * Documents of a files source: cleaned, without short ones and copies, in an order that the seed and each file's own
 * name decide. Editing, adding or removing a file moves no other.
 * @param seen keys of the texts met so far in all sources; copies of them are dropped
 */
export const readFiles = (source: RawFiles, seed: number, seen: Set<string>): Result<SplitSource, FileError> => {
  const documents: Document[] = [];
  const dropped = { "too-short": 0, duplicate: 0 };
  for (const { name, bytes } of source.files) {
    const text = cleanText(bytes);
    if (!text.ok) return err({ source: source.id, name, why: text.error });
    const key = duplicateKey(text.value);
    if (isTooShort(text.value)) dropped["too-short"] += 1;
    else if (seen.has(key)) dropped.duplicate += 1;
    else {
      documents.push({ source: source.id, group: name, name, text: text.value });
      seen.add(key);
    }
  }
  const ranked = byRank(documents, ({ group }) => rank(seed, source.id, group));
  const splits = { holdout: ranked, search: ranked, calibration: ranked };
  return ok({ id: source.id, read: source.files.length, dropped, splits });
};

export interface FileError {
  readonly source: string;
  readonly name: string;
  readonly why: string;
}

const byRank = <T>(items: readonly T[], rankOf: (item: T) => string): T[] =>
  items
    .map((item) => ({ item, rank: rankOf(item) }))
    .sort((a, b) => byCodeUnit(a.rank, b.rank))
    .map(({ item }) => item);

/** Of the templates of a validated source, this part expands for the holdout, and this for the search split. */
const templateParts = { holdout: 0.3, search: 0.1 };

/** Fewer templates than this cannot be divided; they all calibrate. */
const fewestTemplates = 10;

export const canHoldOut = (source: RawSource): boolean =>
  source.kind === "files" || source.grammar.templates.length >= fewestTemplates;

/**
 * Prompts of a grammar: a template expands for one split only, so that no holdout prompt has a sibling among the
 * calibration prompts. Templates take turns by weight, each without repetition.
 * @param tokens how many tokens each split needs; more text than that is made
 * @param seen keys of the texts met so far: two templates may say the same, and then it must lie on one side only
 */
export const expandPrompts = (
  source: RawPrompts,
  seed: number,
  tokens: Readonly<Record<Split, number>>,
  validated: boolean,
  seen: Set<string>,
): SplitSource => {
  const templates = byRank([...source.grammar.templates.keys()], (index) => rank(seed, source.id, String(index)));
  const count = (part: number): number => (validated ? Math.ceil(templates.length * part) : 0);
  const [held, searched] = [count(templateParts.holdout), count(templateParts.search)];
  const expansion = { source, seed, seen, duplicates: 0 };
  const take = (from: number, to: number, split: Split): Document[] =>
    expand(expansion, templates.slice(from, to), tokens[split] * bytesPerToken);
  const splits = {
    holdout: take(0, held, "holdout"),
    search: take(held, held + searched, "search"),
    calibration: take(held + searched, templates.length, "calibration"),
  };
  const kept = Object.values(splits).reduce((sum, { length }) => sum + length, 0);
  const { duplicates } = expansion;
  return { id: source.id, read: kept + duplicates, dropped: { "too-short": 0, duplicate: duplicates }, splits };
};

interface Expansion {
  readonly source: RawPrompts;
  readonly seed: number;
  readonly seen: Set<string>;
  duplicates: number;
}

const expand = (expansion: Expansion, templates: readonly number[], bytes: number): Document[] => {
  const { source, seed, seen } = expansion;
  let running = templates.map((index) => ({
    prompts: expandTemplate(source.grammar, index, seed, source.id),
    weight: source.grammar.templates[index]?.weight ?? 1,
    taken: 0,
  }));
  const documents: Document[] = [];
  for (let made = 0; made < bytes;) {
    const [first, ...others] = running;
    if (first === undefined) break;
    const turn = others.reduce((best, other) => (due(other) < due(best) ? other : best), first);
    const next = turn.prompts.next();
    if (next.done === true) {
      running = running.filter((other) => other !== turn);
      continue;
    }
    turn.taken += 1;
    const key = duplicateKey(next.value.text);
    if (seen.has(key)) {
      expansion.duplicates += 1;
      continue;
    }
    seen.add(key);
    documents.push(next.value);
    made += next.value.text.length;
  }
  return documents;
};

/** When a template's next turn comes: twice the weight, twice as often. */
const due = ({ taken, weight }: { readonly taken: number; readonly weight: number }): number => (taken + 1) / weight;
