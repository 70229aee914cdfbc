import { parseBytes } from "../base/units.ts";

/** What a limit of the cache is, for messages. */
export const sizeWords = "a size such as 200GiB or 500MB, or none for no limit";

/** Bytes of `200GiB`, Infinity of `none`; undefined when it is neither. */
export const parseMax = (text: string): number | undefined => (text.trim() === "none" ? Infinity : parseBytes(text));
