import { expect, test } from "vitest";
import { originOf, origins, rowsFor, writtenPath } from "../../src/select/origins.ts";
import { ablated, answerOf, inParts, iq3, q4General, q8, tolerance, twoDomains, withExtra } from "../report/answers.ts";
import { numbersIn } from "./numbers.ts";

const whole = answerOf([withExtra(q8, { p99Kld: { value: 0.6, warn: 0.5 }, fallbacks: { q5_0: 3 } }), q4General, iq3], {
  ...twoDomains,
  tolerances: twoDomains.tolerances!.map((each) => tolerance({ ...each, sameTop: 0.9 })),
  ledger: { exploratory: false, earlier: [{ decision: "d" as never, pipeline: "p", alpha: 0.01 }], spent: 0.01 },
});
const answer = ablated(inParts(whole));

test("every number of a report has one origin", () => {
  const rows = numbersIn(answer).map((path) => ({ path: writtenPath(path), rows: rowsFor(path).length }));
  expect(rows.length).toBeGreaterThan(500);
  expect(rows.filter(({ rows: count }) => count !== 1)).toEqual([]);
});

test("every row of the table is of use, but for what only some pipelines have", () => {
  const used = new Set(numbersIn(answer).flatMap(rowsFor));
  const rest = Object.keys(origins).filter((row) => !used.has(row));
  const some = /^tolerances\[\]\.(pplDelta|confidence)$|^imatrix\.(coverage\.(gate|thin|topUp)|imported)\b|^fit\./;
  expect(rest.filter((row) => !some.test(row))).toEqual([]);
});

test("names in lists and maps do not matter, unknown places have none", () => {
  expect(originOf(["candidates", 7, "domains", 0, "gates", 2, "upper"])).toBe("estimated");
  expect(originOf(["candidates", 7, "fallbacks", "a.b[]"])).toBe("measured");
  expect(originOf(["candidates", "bytes"])).toBeUndefined();
  expect(originOf(["candidates", 7, "colour"])).toBeUndefined();
});

test("writtenPath is what jq takes", () => {
  expect(writtenPath(["candidates", 3, "domains", 0, "ppl"])).toBe("candidates[3].domains[0].ppl");
});
