/** The end of a name that holds a secret, in programs, settings and prose, before the sign that gives it a value. */
const secretName =
  /(?:pass(?:word|wd|phrase)|(?:^|[^A-Za-z])pwd|secret|(?:api|access|auth|account|encryption|private|secret|signing)[_-]?key|token)["'`]?\]?\s{0,4}$/i;

/** Characters in which such a name is looked for. */
const longestName = 32;

/** Not behind a letter or digit with which no such name ends: that is what most signs in prose stand behind. */
const signs = /[:=](?<![a-cf-mo-su-xz\d][:=])/gi;

/** The value, behind the sign and an opening quote. */
const assigned = /(?:=>|:=|[:=])\s{0,4}["'`]?([^\s"'`,;<>(){}[\]$%&|]{8,128})/y;

/** Places of values that look as if they were drawn by lot, from and to. */
export const findAssigned = (text: string): [number, number][] => {
  const found: [number, number][] = [];
  // From sign to sign: there are far fewer of them than places where a name might begin.
  for (const { index } of text.matchAll(signs)) {
    if (!secretName.test(text.slice(Math.max(0, index - longestName), index))) continue;
    assigned.lastIndex = index;
    const value = assigned.exec(text)?.[1] ?? "";
    const end = assigned.lastIndex;
    // A call or a look-up goes on behind it, and its value is elsewhere.
    if (isRandom(value) && !/[(){}[\]$%]/.test(text.charAt(end))) found.push([end - value.length, end]);
  }
  return found;
};

/** Bits a character, below which a value is a word or a pattern: `password1` has 2.9, `aaaa1111` has 1. */
const fewestBits = 2.75;

/** Letters and digits in no order, and no path to a value, such as `config.key2`. */
const isRandom = (value: string): boolean =>
  /[A-Za-z]/.test(value) && /\d/.test(value) && !/^[\w.]*\.[A-Za-z_]\w*$/.test(value) && entropy(value) >= fewestBits;

/** Shannon's entropy of the characters of `text`, bits a character. */
const entropy = (text: string): number => {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
};
