import { sha256 } from "../../base/canonical.ts";
import { markup, trusted, type Markup } from "./markup.ts";
import { pageSheet } from "./sheet.ts";

export interface Head {
  readonly title: string;
  readonly description: string;
}

/**
 * A whole page around a body, in one file that loads nothing and runs nothing: only the style sheet that stands in it
 * applies, whatever a name in the body holds.
 */
export const document = ({ title, description }: Head, body: Markup): string =>
  markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="${description}">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${trusted(pageSheet)}</style>
</head>
<body>${body}
</body>
</html>
`.html;

/** The empty picture is the page's icon: without it, a browser asks the server for one. */
const policy =
  `default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; ` +
  `style-src 'sha256-${Buffer.from(sha256(pageSheet), "hex").toString("base64")}'`;
