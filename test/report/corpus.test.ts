import { describe, expect, test } from "vitest";
import { formatCorpus } from "../../src/report/corpus.ts";
import { formatUnits } from "../../src/report/plan.ts";
import { assembled, manyFiles, request, shardsOf, type Asked } from "../corpus/texts.ts";

const sources = [
  manyFiles("notes", 60, 40, { share: 0.4 }),
  manyFiles("cases", 60, 40, { share: 0.3 }),
  manyFiles("letters", 50, 40, { domain: "general", share: 0.3 }),
];
const page = async (change: Partial<Asked> = {}): Promise<string> => {
  const { manifest, survey } = await assembled(request(sources, change));
  return formatCorpus("mixed", manifest, survey);
};
const chapter = (text: string, title: string): string => text.split(`## ${title}\n\n`)[1]?.split("\n\n## ")[0] ?? "";

describe("a corpus for people", () => {
  test("has one sentence of units, and the overlap of each source, when one domain decides", async () => {
    const text = await page();
    expect(text.split("\n\n")[1]).toBe(
      "Domain medical: 5 units of 32 tokens in the holdout and 2 in the search split; its text could give about 120 if " +
        "none of it calibrated (estimated).",
    );
    expect(chapter(text, "Overlap with calibration")).not.toContain("Domain");
    expect(chapter(text, "Overlap with calibration")).toMatch(
      /^0 of \d+ [^\n]*\n\n- notes: 0 of \d+\n- cases: 0 of \d+$/,
    );
  });

  test("has both for each domain when several decide", async () => {
    const shards = [...shardsOf("medical", [3]), ...shardsOf("general", [3])];
    const text = await page({ domains: ["medical", "general"], shards });
    expect(text.split("\n\n")[1]).toBe(
      "- Domain medical: 3 units of 32 tokens in the holdout and 2 in the search split; its text could give about 120 if " +
        "none of it calibrated (estimated).\n" +
        "- Domain general: 3 units of 32 tokens in the holdout and 2 in the search split; its text could give about 50 if " +
        "none of it calibrated (estimated).",
    );
    expect(chapter(text, "Overlap with calibration")).toMatch(
      /^0 of \d+ [^\n]*\n\nDomain medical: 0 of \d+ \(0 %\)\n\n- notes: 0 of \d+\n- cases: 0 of \d+\n\nDomain general: 0 of \d+ \(0 %\)$/,
    );
  });
});

test("a plan says for each domain what is asked of its text and what it gives", () => {
  expect(
    formatUnits([
      { domain: "medical", asked: 40, available: 1200, origin: "estimated" },
      { domain: "general", asked: 40, available: 39, origin: "estimated" },
      { domain: "code", asked: 1, available: null, origin: "estimated" },
    ]),
  ).toMatchInlineSnapshot(`
    "40 units of medical text are asked for, and the text gives about 1,200 (estimated)
    40 units of general text are asked for, and the text gives about 39 (estimated): too few
    1 unit of code text is asked for; how many there are shows when the sources are read
    "
  `);
});
