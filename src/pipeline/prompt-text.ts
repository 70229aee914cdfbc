/** A part of a template or slot entry. Offsets count UTF-16 code units of the text. */
export type Piece =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "slot"; readonly name: string; readonly start: number; readonly end: number }
  | { readonly kind: "stray"; readonly text: string; readonly start: number; readonly end: number };

/** The name of a slot: what stands between braces. */
export const slotName = /^[a-z][a-z0-9_-]*$/;

/**
 * Cuts a text at its references: `{name}` is a slot, `{{` and `}}` are braces, and a brace that is neither is `stray`
 * (with what stands between braces when that is no name).
 */
export const promptPieces = (text: string): readonly Piece[] => {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(/\{\{|\}\}|\{([^{}]*)\}|[{}]/g)) {
    if (match.index > from) pieces.push({ kind: "literal", text: text.slice(from, match.index) });
    pieces.push(piece(match[0], match[1], match.index));
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push({ kind: "literal", text: text.slice(from) });
  return pieces;
};

const piece = (token: string, name: string | undefined, start: number): Piece => {
  if (token === "{{" || token === "}}") return { kind: "literal", text: token.charAt(0) };
  const end = start + token.length;
  if (name !== undefined && slotName.test(name)) return { kind: "slot", name, start, end };
  return { kind: "stray", text: token, start, end };
};
