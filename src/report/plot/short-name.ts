import { safe } from "../safe.ts";

/** A name as a label: harmless, and no longer than its place. Characters stay whole. */
export const shortName = (name: string): string => {
  const characters = Array.from(safe(name));
  return characters.length > 16 ? `${characters.slice(0, 15).join("")}…` : characters.join("");
};
