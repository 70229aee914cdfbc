/** SHA256SUMS as `sha256sum -c` reads it: a line that begins with a backslash has an escaped name. */
export const formatSums = (files: readonly { readonly file: string; readonly sha256: string }[]): string =>
  files
    .map(({ file, sha256 }) => {
      const name = file.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
      return `${name === file ? "" : "\\"}${sha256}  ${name}\n`;
    })
    .join("");

/**
 * SHA256SUMS with the sums of some files put in, at the place where each stands already or at the end. What it says of
 * others stays: they need not lie here, and reading a model again takes minutes.
 */
export const updateSums = (sums: string, files: Parameters<typeof formatSums>[0]): string => {
  const fresh = new Map(files.map((each) => [each.file, formatSums([each])]));
  const kept = sums.split(/(?<=\n)/).map((line) => {
    const file = nameIn(line);
    const renewed = file === undefined ? undefined : fresh.get(file);
    if (file !== undefined) fresh.delete(file);
    return renewed ?? line;
  });
  return [...kept, ...fresh.values()].join("");
};

const nameIn = (line: string): string | undefined => {
  const [, escaped, name] = /^(\\?)[0-9a-f]{64} [ *]([^\n]*)\n?$/.exec(line) ?? [];
  return escaped === ""
    ? name
    : name?.replaceAll(/\\(.)/g, (_, letter: string) => ({ n: "\n", r: "\r" })[letter] ?? letter);
};
