import type { Diagnostic } from "../base/diagnostic.ts";
import { referenceCycles } from "./grammar-cycles.ts";
import { grammarMarks, type GrammarMarks } from "./grammar-marks.ts";
import { keySpot, noteKey } from "./locate.ts";
import { noteOn } from "./note.ts";
import { slotName } from "./prompt-text.ts";
import { listed, nearest, suggestion } from "./words.ts";
import type { Sheet } from "./sheet.ts";

interface Subject extends GrammarMarks {
  readonly sheet: Sheet;
}

/** Holds a prompt grammar against the sentences below, as far as its texts are right. */
export const grammarRuleNotes = (sheet: Sheet): readonly Diagnostic[] => {
  const subject = { sheet, ...grammarMarks(sheet) };
  return grammarRules.flatMap((rule) => rule(subject));
};

const everySlotHasAName = ({ sheet, slots }: Subject): readonly Diagnostic[] =>
  slots
    .filter((slot) => !slotName.test(slot))
    .map((slot) => {
      const help = "a slot is named by `a-z`, `0-9`, `_` and `-`, a letter first";
      return noteKey(sheet, ["slots", slot], `\`${slot}\` is not a name for a slot`, { help });
    });

const everyBraceIsPaired = ({ strays }: Subject): readonly Diagnostic[] =>
  strays.map(({ text, location }) => {
    const message = text.length === 1 ? `a \`${text}\` without its partner` : `\`${text}\` does not name a slot`;
    return noteOn(location, message, { help: "write `{name}` for a slot, `{{` and `}}` for braces" });
  });

const everyReferenceHasASlot = ({ slots, references }: Subject): readonly Diagnostic[] =>
  references
    .filter(({ name }) => !slots.includes(name))
    .map(({ name, location }) => {
      const otherwise = slots.length === 0 ? "the grammar has no slots" : `the slots are ${listed(slots)}`;
      return noteOn(location, `there is no slot \`${name}\``, { help: suggestion(name, slots, otherwise) });
    });

const everySlotIsUsed = ({ sheet, slots, references }: Subject): readonly Diagnostic[] => {
  const used = new Set(references.map(({ name }) => name));
  // A slot whose only reference is misspelt is one problem, told at the reference.
  const meant = new Set(references.map(({ name }) => (slots.includes(name) ? undefined : nearest(name, slots))));
  return slots
    .filter((slot) => !used.has(slot) && !meant.has(slot) && slotName.test(slot))
    .map((slot) => {
      const message = `nothing refers to the slot \`${slot}\``;
      return noteKey(sheet, ["slots", slot], message, { severity: "warning", help: "use it or remove it" });
    });
};

const noSlotLeadsBackToItself = ({ sheet, slots, references }: Subject): readonly Diagnostic[] =>
  referenceCycles(slots, references).map((cycle) => {
    const names = cycle.map(({ within }) => within ?? "");
    const first = names[0] ?? "";
    const round = [...names, first].map((name) => `\`${name}\``).join(" → ");
    const related = cycle.map(({ name, within, location }) => ({
      message: `\`${within ?? ""}\` refers to \`${name}\` here`,
      location,
    }));
    const { location } = keySpot(sheet, ["slots", first]);
    return noteOn(location, `the slot \`${first}\` never comes to an end: ${round}`, { related });
  });

const grammarRules = [
  everySlotHasAName,
  everyBraceIsPaired,
  everyReferenceHasASlot,
  everySlotIsUsed,
  noSlotLeadsBackToItself,
];
