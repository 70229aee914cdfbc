/** The normalised words of a text in the plain way, against which the fast one is tested. */
export const referenceWords = (text: string): string[] =>
  text
    // Halves of surrogate pairs are separators; they must not become a pair when what is between them goes.
    .toWellFormed()
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll("ς", "σ")
    .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, "")
    .match(word) ?? [];

const alone = String.raw`[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]`;
const letter = String.raw`(?![\u02bb\u02bc])[\p{L}\p{N}]`;

/** A character of a script without spaces, or a run of others, with their marks. */
const word = new RegExp(
  String.raw`(?=${alone})${letter}\p{M}*|(?!${alone})${letter}(?:\p{M}|(?!${alone})${letter})*`,
  "gu",
);
