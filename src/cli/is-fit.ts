import { fits, isNumber, isText, listOf, type Check } from "./fits.ts";

/** Whether the fit of an answer has the shape that explaining goes into. */
export const isFit: Check = (value) =>
  fits(value, {
    card: (card) => fits(card, { vram: isNumber, device: isTextOrNull, grade: isTextOrNull, source: isTextOrNull }),
    wish: (wish) => fits(wish, { context: isContext, kv: listOf(isText, 1), parallel: isNumber }),
    validated: (validated) => fits(validated, { context: isNumber, kv: isText }),
    candidates: listOf((each) => fits(each, { type: isText, rows: listOf(isRow, 1) })),
    choice: (choice) => choice === null || fits(choice, { type: isText, loading: isRow }),
    larger: listOf((each) => fits(each, { type: isText, perSequence: isNumber })),
    ways: listOf((way) => fits(way, { perSequence: isNumber })),
    verification: (verification) => verification === null || isVerification(verification),
  });

const isTextOrNull: Check = (value) => value === null || isText(value);

const isContext: Check = (value) => value === "max" || fits(value, { min: isNumber });

const isRow: Check = (value) =>
  fits(value, { kv: isText, context: isNumber, perSequence: isNumber, limit: isText }) ||
  fits(value, { kv: isText, refused: (refused) => fits(refused, { code: isText }) });

const isVerification: Check = (value) =>
  fits(value, {
    by: isText,
    tool: isText,
    settings: (settings) => fits(settings, { context: isNumber, logits: isText }),
    rows: listOf((row) => fits(row, { name: isText, predicted: isNumber, measured: isNumber })),
  });
