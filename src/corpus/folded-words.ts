import { characterTable, foldText, Kind, kindIn, kindOf, kindShift, Risk, riskShift, space } from "./characters.ts";

/**
 * The normalised words of a text, one after another, each with a space behind it: letters, digits and the marks on them,
 * in NFKC and lower case; everything else separates words, apostrophes too, so that "don't" and "don’t" are the same two
 * words however the apostrophe is typed. (Leaving apostrophes out was rejected: it joins "l'État" and 'quoted'words.)
 * A character of a script without spaces is a word, with its marks.
 *
 * Normalising whole texts takes ten times as long; here a table does it, and string functions only where characters
 * may join. The result is the same, but for stretches of more than `longestStretch` such characters.
 */
export class FoldedWords {
  readonly #table = characterTable();
  #units = new Uint16Array(1024);
  #length = 0;
  /** What the last word is: separator when it has ended. Kept up to date by the careful path only. */
  #open: Kind = Kind.separator;
  /** The state before the last character with which a mark could join, and where that character is. */
  #before: Before = { at: 0, length: 0, open: Kind.separator };

  /** Valid as far as `length`, until the next `read`. */
  get units(): Uint16Array {
    return this.#units;
  }

  get length(): number {
    return this.#length;
  }

  /** @param from, to a part of `text` that starts and ends at a word boundary; see `blockEnd` */
  read(text: string, from = 0, to: number = text.length): void {
    this.#length = 0;
    this.#reserve(to - from);
    for (let at = from; at < to;) {
      at = this.#plain(text, at, to);
      if (at < to) at = this.#careful(text, at, to);
    }
    this.#endWord();
  }

  /** Up to the first character that is neither a plain letter nor a plain separator. Without branches that the processor could guess wrong. */
  #plain(text: string, from: number, to: number): number {
    const [units, table] = [this.#units, this.#table];
    let length = this.#length;
    let open = this.#isOpen(length) ? 1 : 0;
    let at = from;
    for (; at < to; at += 1) {
      const entry = table[text.charCodeAt(at)] ?? 0;
      const kind = entry >>> kindShift;
      if (kind > Kind.letter) break;
      // The array takes the low 16 bits. A separator is kept only behind a letter.
      units[length] = entry;
      length += kind | open;
      open = kind;
    }
    this.#length = length;
    return at;
  }

  /** From a character that is not plain up to the next one that is. */
  #careful(text: string, from: number, to: number): number {
    this.#enter(text, from);
    let at = from;
    while (at < to) {
      const entry = this.#entry(text, at);
      if (entry >>> kindShift <= Kind.letter) break;
      if (this.#mayJoin(text, at, to)) at = this.#join(text, at, to);
      else {
        if (entry >>> riskShift === Risk.none) this.#before = { at, length: this.#length, open: this.#open };
        this.#take(kindIn(entry), entry & 0xffff);
        at += 1;
      }
    }
    if (this.#open === Kind.alone) this.#endWord();
    return at;
  }

  #enter(text: string, at: number): void {
    const [length, open] = [this.#length, this.#isOpen(this.#length)];
    this.#open = open ? Kind.letter : Kind.separator;
    // Plain letters are single units, and nothing joins a separator so that letters come of it.
    if (open && at > 0 && kindIn(this.#entry(text, at - 1)) === Kind.letter)
      this.#before = {
        at: at - 1,
        length: length - 1,
        open: this.#isOpen(length - 1) ? Kind.letter : Kind.separator,
      };
    else this.#before = { at, length, open: this.#open };
  }

  #mayJoin(text: string, at: number, to: number): boolean {
    const risk = this.#entry(text, at) >>> riskShift;
    if (risk !== Risk.lone) return risk === Risk.joined;
    return at + 1 < to && this.#entry(text, at + 1) >>> riskShift !== Risk.none;
  }

  /** Takes back the character before `at` and normalises it together with all that may join it. */
  #join(text: string, at: number, to: number): number {
    const end = this.#stretchEnd(text, at, to);
    const folded = foldText(text.slice(this.#before.at, end));
    this.#length = this.#before.length;
    this.#open = this.#before.open;
    this.#reserve(folded.length + to - end);
    for (const character of folded) this.#takeNormal(character);
    this.#before = { at: end, length: this.#length, open: this.#open };
    return end;
  }

  #stretchEnd(text: string, at: number, to: number): number {
    let end = at + 1;
    while (end < to && end - at < longestStretch && this.#entry(text, end) >>> riskShift !== Risk.none) end += 1;
    return end < to && isLowSurrogate(text.charCodeAt(end)) ? end + 1 : end;
  }

  #takeNormal(character: string): void {
    if (character.length === 1) {
      this.#take(kindIn(this.#entry(character, 0)), character.charCodeAt(0));
      return;
    }
    const kind = kindOf(character);
    this.#take(kind, character.charCodeAt(0));
    // The other half belongs to the word that the first one is in.
    this.#take(kind === Kind.letter || kind === Kind.alone ? Kind.mark : kind, character.charCodeAt(1));
  }

  #take(kind: Kind, unit: number): void {
    if (kind === Kind.ignored) return;
    if (kind === Kind.separator) this.#endWord();
    else if (kind === Kind.mark) {
      if (this.#open !== Kind.separator) this.#write(unit);
    } else {
      if (kind === Kind.alone || this.#open === Kind.alone) this.#endWord();
      this.#open = kind;
      this.#write(unit);
    }
  }

  #endWord(): void {
    if (this.#isOpen(this.#length)) this.#write(space);
    this.#open = Kind.separator;
  }

  #write(unit: number): void {
    this.#units[this.#length] = unit;
    this.#length += 1;
  }

  #isOpen(length: number): boolean {
    return length > 0 && this.#units[length - 1] !== space;
  }

  #entry(text: string, at: number): number {
    return this.#table[text.charCodeAt(at)] ?? 0;
  }

  /** Room for `characters` more: each may become a word with a space behind it, and one before it may have to end. */
  #reserve(characters: number): void {
    const wanted = this.#length + 2 * characters + 2;
    if (wanted <= this.#units.length) return;
    const larger = new Uint16Array(Math.max(wanted, 2 * this.#units.length));
    larger.set(this.#units.subarray(0, this.#length));
    this.#units = larger;
  }
}

interface Before {
  readonly at: number;
  readonly length: number;
  readonly open: Kind;
}

/**
 * UTF-16 units that are normalised in one piece at most. Putting marks in order takes quadratic time: 0.3 s for a
 * million marks on one letter at this length, an hour without it.
 */
const longestStretch = 1024;

const isLowSurrogate = (unit: number): boolean => (unit & 0xfc00) === 0xdc00;

/** UTF-16 units of a block: small enough for the processor's cache, and for texts of any length. */
const blockLength = 32 * 1024;

/** Where the block that starts at `from` ends: behind a space, so that no word is cut. */
export const blockEnd = (text: string, from: number): number => {
  const most = from + blockLength;
  if (most >= text.length) return text.length;
  const before = text.lastIndexOf(" ", most);
  const end = before > from ? before : text.indexOf(" ", most);
  return end === -1 ? text.length : end + 1;
};
