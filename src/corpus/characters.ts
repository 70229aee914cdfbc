/**
 * What a UTF-16 unit is to a word. `alone`: of a script that puts no spaces between words. `ignored`: cannot be seen
 * (soft hyphen, joiners, variation selectors), so it neither is part of a word nor ends one.
 */
export const Kind = { separator: 0, letter: 1, alone: 2, mark: 3, ignored: 4 } as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

/**
 * Whether a unit can be folded by itself. `lone`: a combining mark that changes nothing unless another mark is beside
 * it. `joined`: only the normalisation of the stretch it stands in says what becomes of it.
 */
export const Risk = { none: 0, lone: 1, joined: 2 } as const;

/** Entries of the table: the folded unit in the low 16 bits, the kind above it, the risk above that. */
export const kindShift = 16;
export const riskShift = 20;
const kindMask = 15;

/** What stands between two words. */
export const space = 0x20;

export const kindIn = (entry: number): Kind => ((entry >>> kindShift) & kindMask) as Kind;

let made: Uint32Array | undefined;

/**
 * For each UTF-16 unit what NFKC and lower case make of it, where this does not depend on its neighbours. Made on first
 * use, in some 60 ms, from the Unicode data that JavaScript has; a table in a file would grow old beside it.
 */
export const characterTable = (): Uint32Array => (made ??= makeTable());

const makeTable = (): Uint32Array => {
  const seconds = secondsOfCompositions();
  return Uint32Array.from({ length: 0x10000 }, (_, unit) => entryOf(unit, seconds));
};

/** Characters that normalisation may put together with the one before them. */
const secondsOfCompositions = (): ReadonlySet<string> => {
  const seconds = new Set<string>();
  for (let unit = 0x80; unit < 0x10000; unit += 1) {
    const character = String.fromCharCode(unit);
    const parts = character.normalize("NFD");
    if (parts.length === 1 || parts.normalize("NFC") !== character) continue;
    for (const second of Array.from(parts).slice(1)) seconds.add(second);
  }
  return seconds;
};

/** Blocks in which every unit stands for itself: two thirds of the table, for which the rules below need 0.1 s. */
const plainBlocks = [
  { first: 0x3400, last: 0x4dbf, kind: Kind.alone },
  { first: 0x4e00, last: 0x9fff, kind: Kind.alone },
  { first: 0xac00, last: 0xd7a3, kind: Kind.letter },
];

const entryOf = (unit: number, seconds: ReadonlySet<string>): number => {
  const block = plainBlocks.find(({ first, last }) => unit >= first && unit <= last);
  if (block !== undefined) return entry(unit, block.kind, Risk.none);
  const character = String.fromCharCode(unit);
  const joined = entry(unit, kindOf(character), Risk.joined);
  if (isSurrogate(unit)) return joined;
  if (/\p{M}/u.test(character)) return seconds.has(character) ? joined : markEntry(character, joined);
  if (seconds.has(character.normalize("NFKD").charAt(0))) return joined;
  const folded = foldText(character);
  if (isSeparator(folded)) return entry(space, Kind.separator, Risk.none);
  const kind = kindOf(folded);
  return folded.length === 1 && kind !== Kind.mark ? entry(folded.charCodeAt(0), kind, Risk.none) : joined;
};

const entry = (folded: number, kind: Kind, risk: number): number => folded | (kind << kindShift) | (risk << riskShift);

const isSurrogate = (unit: number): boolean => (unit & 0xf800) === 0xd800;

const markEntry = (mark: string, joined: number): number => {
  if (foldText(mark) !== mark) return joined;
  return entry(mark.charCodeAt(0), kindOf(mark), canMove(mark) ? Risk.lone : Risk.none);
};

/** Whether marks beside this one can be put into another order: its combining class is not 0 (1 is the lowest, 240 the highest). */
const canMove = (mark: string): boolean => {
  const [highest, lowest] = ["\u0345", "\u0334"];
  return (highest + mark).normalize("NFD").endsWith(highest) || (mark + lowest).normalize("NFD").startsWith(lowest);
};

/** Separators, perhaps with marks behind them, which have no letter to stand on. */
const isSeparator = (folded: string): boolean =>
  Array.from(folded).every((part, index) => {
    const kind = kindOf(part);
    return kind === Kind.separator || (index > 0 && kind === Kind.mark);
  });

/** NFKC, lower case, and one small sigma, for capitals do not tell which one is meant. */
export const foldText = (text: string): string => text.normalize("NFKC").toLowerCase().replaceAll("ς", "σ");

/**
 * @param character one code point, normalised
 *
 * The two modifier letters that look like an apostrophe are used as one: they separate as the others do.
 */
export const kindOf = (character: string): Kind => {
  if (/\p{Default_Ignorable_Code_Point}/u.test(character)) return Kind.ignored;
  if (/\p{M}/u.test(character)) return Kind.mark;
  if (!/[\p{L}\p{N}]/u.test(character) || /[\u02bb\u02bc]/.test(character)) return Kind.separator;
  return spaceless.test(character) ? Kind.alone : Kind.letter;
};

const spaceless = /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u;
