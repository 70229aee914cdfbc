import { describe, expect, test } from "vitest";
import { sha256 } from "../../src/base/canonical.ts";
import { formatManifest } from "../../src/report/manifest.ts";
import { formatSums, updateSums } from "../../src/report/sums.ts";
import { answerOf, iq2, iq3, q4, q8 } from "./answers.ts";
import { hostileAnswer, hostileName, unprintable } from "./hostile.ts";

const read = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;

describe("formatManifest", () => {
  test("binds each built file to its verdict, its step and its digest", () => {
    const manifest = read(formatManifest(answerOf([q8, q4, iq3, iq2], { mode: "decisive" })));
    expect(manifest["files"]).toEqual(
      [
        ["Q8_0", "PASS", false],
        ["Q4_K_M", "PASS", true],
        ["IQ3_XXS", "FAIL", false],
      ].map(([type, verdict, published]) => ({
        file: `medical-${String(type)}.gguf`,
        type,
        bytes: expect.any(Number) as number,
        sha256: sha256(String(type)),
        verdict,
        published,
        stepKey: sha256(`key of ${String(type)}`),
        provenance: { "pipeline.step.sha256": sha256(`recipe of ${String(type)}`) },
      })),
    );
    expect(manifest).toMatchObject({
      choice: { type: "Q4_K_M" },
      model: { sha256: sha256("model") },
      imatrix: { sha256: sha256("imatrix"), sources: [{ id: "notes", sha256: sha256("notes") }] },
      corpus: { manifest: sha256("manifest"), calibration: sha256("calibration"), search: sha256("search") },
      llamaCpp: { digest: sha256("tools"), tools: { "llama-quantize": sha256("llama-quantize") } },
    });
  });

  test("hostile names stay what they are, and move no cursor", () => {
    const text = formatManifest(hostileAnswer());
    expect(unprintable.test(text)).toBe(false);
    expect(read(text)).toMatchObject({ pipeline: hostileName, model: { name: hostileName } });
  });
});

describe("updateSums", () => {
  const [a, b, c] = [sha256("a"), sha256("b"), sha256("c")];
  const odd = "odd\\name\n";

  test("puts sums in where the file is named already, and others at the end", () => {
    const old = formatSums([
      { file: "model.gguf", sha256: a },
      { file: "report.md", sha256: a },
      { file: odd, sha256: a },
    ]);
    const fresh = [
      { file: odd, sha256: b },
      { file: "report.md", sha256: b },
      { file: "README.md", sha256: c },
    ];
    expect(updateSums(old, fresh)).toBe(
      formatSums([
        { file: "model.gguf", sha256: a },
        { file: "report.md", sha256: b },
        { file: odd, sha256: b },
        { file: "README.md", sha256: c },
      ]),
    );
  });

  test("begins one where there is none", () => {
    expect(updateSums("", [{ file: "report.md", sha256: a }])).toBe(`${a}  report.md\n`);
  });
});
