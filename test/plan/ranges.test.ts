import * as fc from "fast-check";
import { expect, test } from "vitest";
import { rangesOf } from "../../src/plan/ranges.ts";

const counts = fc.oneof(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 1_000_000 }));

test("ranges go through every window once, one after the other", () => {
  fc.assert(
    fc.property(counts, (chunks) => {
      let end = 0;
      for (const range of rangesOf(chunks)) {
        expect(range.from).toBe(end);
        end += range.chunks;
      }
      expect(end).toBe(chunks);
    }),
  );
});

test("no range but the only one of a short text is too short for the tool, or worth less than its start", () => {
  fc.assert(
    fc.property(counts, (chunks) => {
      const ranges = rangesOf(chunks);
      const lengths = ranges.map((range) => range.chunks);
      expect(ranges.length === 1 || Math.min(...lengths) >= 16).toBe(true);
      expect(Math.max(...lengths)).toBeLessThanOrEqual(Math.max(31, Math.ceil(chunks / 16)));
    }),
  );
});

test("a text that turned out shorter never has more ranges than were planned", () => {
  fc.assert(
    fc.property(counts, counts, (a, b) => {
      const [less, more] = [Math.min(a, b), Math.max(a, b)];
      expect(rangesOf(less).length).toBeLessThanOrEqual(rangesOf(more).length);
    }),
  );
});
