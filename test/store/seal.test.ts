import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seal, sealedAppender, unseal, unsealLines } from "../../src/store/seal.ts";
import { folder } from "./folder.ts";

const line = seal({ step: "quantize/Q4_K_M", text: "ä\n\t\u2028", n: 1.5 }).slice(0, -1);

describe("a sealed line", () => {
  test("gives back every value, in one line", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "binary", maxDepth: 2 }), (value) => {
        const plain = JSON.parse(JSON.stringify(value)) as never;
        const sealed = seal(plain);
        expect(sealed.indexOf("\n")).toBe(sealed.length - 1);
        expect(unseal(sealed.slice(0, -1))).toEqual(plain);
      }),
    );
  });

  test("reads as absent wherever it is cut", () => {
    for (let length = 0; length < line.length; length += 1) {
      expect(unseal(line.slice(0, length)), `cut to ${length}`).toBeUndefined();
      expect(unseal(line.slice(line.length - length)), `last ${length}`).toBeUndefined();
    }
  });

  test("reads as absent whichever bit of it is flipped", () => {
    const bytes = Buffer.from(line);
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(unsealLines(flipped.toString("utf8")), `bit ${bit}`).toEqual([]);
    }
  });

  test("reads as absent when two are glued", () => {
    expect(unseal(line + line)).toBeUndefined();
  });

  test("does not spoil the whole lines around it when it is damaged", () => {
    const text = `${seal(1)}${line.slice(0, 90)}\n${seal(2)}\n\nnoise\n${seal(3)}${line.slice(0, 20)}`;
    expect(unsealLines(text)).toEqual([1, 2, 3]);
  });
});

describe("sealedAppender", () => {
  test("loses only the torn line when it goes on behind one", () => {
    const file = join(folder(), "lines");
    writeFileSync(file, seal(1) + seal(2).slice(0, 30));
    const append = sealedAppender(file);
    append(3);
    append(4);
    expect(unsealLines(readFileSync(file, "utf8"))).toEqual([1, 3, 4]);
  });

  test("keeps a whole line that lacks its newline only", () => {
    const file = join(folder(), "lines");
    writeFileSync(file, seal(1).trimEnd());
    sealedAppender(file)(2);
    expect(unsealLines(readFileSync(file, "utf8"))).toEqual([1, 2]);
  });

  test("writes nothing but sealed lines into a new file", () => {
    const file = join(folder(), "lines");
    const append = sealedAppender(file);
    append(1);
    append("two");
    expect(readFileSync(file, "utf8")).toBe(seal(1) + seal("two"));
  });
});
