import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Spool } from "../../src/corpus/spool.ts";

const inFolder = <T>(work: (folder: string) => T): T => {
  const folder = mkdtempSync(join(tmpdir(), "pipeline-spool-"));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

test("a spool gives back every text, in whatever order it is asked", () => {
  inFolder((folder) => {
    let number = 0;
    const texts = fc.array(fc.string({ unit: "grapheme", maxLength: 200 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(texts, fc.array(fc.nat(), { maxLength: 60 }), (written, order) => {
        number += 1;
        using spool = new Spool(join(folder, `${number}`));
        const places = written.map((text) => spool.append(text));
        expect(places.map((place) => spool.read(place))).toEqual(written);
        for (const pick of order) {
          const index = pick % written.length;
          expect(spool.read(places[index]!)).toBe(written[index]);
        }
      }),
    );
  });
});

test("texts larger than a block, read in turns with small ones, come back whole", () => {
  inFolder((folder) => {
    using spool = new Spool(join(folder, "spool"));
    const texts = [3_000_000, 10, 5_000_000, 20, 1_500_000].map((length, index) =>
      String.fromCodePoint(0x61 + index)
        .repeat(length)
        .concat(index % 2 === 0 ? "é—😀" : ""),
    );
    const places = texts.map((text) => spool.append(text));
    for (const index of [0, 1, 2, 3, 4, 1, 0, 4, 2]) expect(spool.read(places[index]!) === texts[index]).toBe(true);
  });
});

test("what is written after a read is found too", () => {
  inFolder((folder) => {
    using spool = new Spool(join(folder, "spool"));
    const first = spool.append("first");
    expect(spool.read(first)).toBe("first");
    const second = spool.append("second");
    expect([spool.read(second), spool.read(first)]).toEqual(["second", "first"]);
  });
});
