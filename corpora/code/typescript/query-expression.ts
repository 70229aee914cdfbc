/**
 * Parses the search box mini-language into a predicate tree.
 *
 *   status:open (owner:me OR owner:nobody) -label:wontfix "slow start"
 *
 * Neighbouring terms are ANDed, OR binds loosest, a minus negates one term
 * or one group.
 */

export type Expr =
  | { op: "and" | "or"; parts: Expr[] }
  | { op: "not"; inner: Expr }
  | { op: "field"; name: string; value: string }
  | { op: "text"; value: string };

export class QuerySyntaxError extends Error {
  constructor(message: string, readonly position: number) {
    super(`${message} at character ${position + 1}`);
    this.name = "QuerySyntaxError";
  }
}

interface Lexeme {
  text: string;
  quoted: boolean;
  at: number;
}

function lex(source: string): Lexeme[] {
  const pattern = /\s*(?:"([^"]*)"|([()]|-(?=\S))|([^\s()"]+))/y;
  const out: Lexeme[] = [];
  const end = source.trimEnd().length;
  while (pattern.lastIndex < end) {
    const at = pattern.lastIndex;
    const hit = pattern.exec(source);
    if (hit === null) throw new QuerySyntaxError("unclosed quote", at);
    const text = hit[1] ?? hit[2] ?? hit[3] ?? "";
    out.push({ text, quoted: hit[1] !== undefined, at });
  }
  return out;
}

export function parseQuery(source: string): Expr {
  const lexemes = lex(source);
  let cursor = 0;

  const isMark = (mark: string): boolean => {
    const next = lexemes[cursor];
    return next !== undefined && !next.quoted && next.text === mark;
  };

  function anyOf(): Expr {
    const parts = [allOf()];
    while (isMark("OR")) {
      cursor += 1;
      parts.push(allOf());
    }
    return parts.length === 1 ? parts[0]! : { op: "or", parts };
  }

  function allOf(): Expr {
    const parts: Expr[] = [];
    while (cursor < lexemes.length && !isMark("OR") && !isMark(")")) {
      parts.push(single());
    }
    return parts.length === 1 ? parts[0]! : { op: "and", parts };
  }

  function single(): Expr {
    const lexeme = lexemes[cursor];
    if (lexeme === undefined || isMark(")")) {
      throw new QuerySyntaxError("nothing to negate", lexeme?.at ?? source.length);
    }
    cursor += 1;
    if (lexeme.quoted) return { op: "text", value: lexeme.text };
    if (lexeme.text === "-") return { op: "not", inner: single() };
    if (lexeme.text === "(") {
      const inner = anyOf();
      if (!isMark(")")) throw new QuerySyntaxError("missing bracket", lexeme.at);
      cursor += 1;
      return inner;
    }
    const colon = lexeme.text.indexOf(":");
    if (colon <= 0) return { op: "text", value: lexeme.text };
    return { op: "field", name: lexeme.text.slice(0, colon), value: lexeme.text.slice(colon + 1) };
  }

  const tree = anyOf();
  const stray = lexemes[cursor];
  if (stray !== undefined) throw new QuerySyntaxError("unexpected bracket", stray.at);
  return tree;
}
