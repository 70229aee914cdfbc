import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Components } from "../../src/corpus/components.ts";

test("sets are what a search along the joined pairs finds, named by their smallest member", () => {
  const pairs = fc.array(fc.tuple(fc.nat(40), fc.nat(40)), { maxLength: 60 });
  fc.assert(
    fc.property(pairs, (joined) => {
      const components = new Components();
      components.reserve(40);
      const names = Array.from({ length: 41 }, (_, item) => item);
      for (const [a, b] of joined) {
        components.join(a, b);
        const [low, high] = [Math.min(names[a]!, names[b]!), Math.max(names[a]!, names[b]!)];
        for (const [item, name] of names.entries()) if (name === high) names[item] = low;
      }
      expect(names.map((_, item) => components.root(item))).toEqual(names);
    }),
  );
});
