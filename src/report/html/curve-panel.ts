import { markup } from "./markup.ts";
import type { MakePanel } from "./panel.ts";
import { trusted } from "./markup.ts";

/** The curve, once for wide screens and once for narrow ones. */
export const curvePanel: MakePanel = (_answer, { curve, narrowCurve }) => ({
  id: "size-and-loss",
  title: "Size and loss",
  body: markup`<figure><div class="wide">${trusted(curve.inline)}</div><div class="narrow">${trusted(narrowCurve.inline)}</div>
<figcaption>Each mark is a candidate: its file size, and its loss as a part of what is allowed, in the measure and on the domain
that come nearest to their limit. The line through a mark reaches from two standard errors below the mean up to the bound; only
a bound below the tolerance passes. The thin line joins candidates that no other beats in size and loss at once; where it bends
most is its knee. The solid ring is the choice. Equal steps upwards are equal steps near zero and equal factors further
up. Hover a mark for its numbers.</figcaption></figure>`,
});
