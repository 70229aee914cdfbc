/** SHA256SUMS as `sha256sum -c` reads it: a line that begins with a backslash has an escaped name. */
export const formatSums = (files: readonly { readonly file: string; readonly sha256: string }[]): string =>
  files
    .map(({ file, sha256 }) => {
      const name = file.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
      return `${name === file ? "" : "\\"}${sha256}  ${name}\n`;
    })
    .join("");
