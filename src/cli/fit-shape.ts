import {
  anyOf,
  fits,
  flag,
  listOf,
  nothing,
  number,
  numberOrNull,
  oneOf,
  optional,
  text,
  textOrNull,
} from "./shape.ts";

const context = anyOf(oneOf("max"), fits({ min: number }));

const kvRow = {
  kv: text,
  context: number,
  perSequence: number,
  limit: oneOf("memory", "trained", "asked"),
  fits: flag,
  gpu: number,
  cpu: number,
};

const refused = fits({
  kv: text,
  refused: fits({
    code: oneOf(
      "values-need-flash-attention",
      "no-flash-attention",
      "head-size",
      "types-differ",
      "setting",
      "too-many-sequences",
    ),
  }),
});

const row = anyOf(fits(kvRow), refused);

const component = fits({
  name: oneOf("weights", "cache", "state", "compute", "output"),
  how: oneOf("exact", "modelled", "assumed"),
  gpu: number,
  cpu: number,
});

const speed = fits({ used: number, most: number, expected: fits({ low: number, high: number }), reads: number });

const loading = fits({
  ...kvRow,
  components: listOf(component),
  copy: number,
  assumptions: listOf(text),
  speed: listOf(speed),
});

const way = fits({
  cache: optional(oneOf("q8_0")),
  microBatch: optional(number),
  size: optional(text),
  context: number,
  perSequence: number,
  enough: flag,
});

const verification = fits({
  by: oneOf("gpu", "processor", "stand-in"),
  tool: text,
  settings: fits({ context: number, logits: text }),
  rows: listOf(
    fits({ name: oneOf("weights", "cache", "state", "compute", "all"), predicted: number, measured: number }),
  ),
  within: flag,
  nvidiaSmi: numberOrNull,
});

/** The fit of an answer, as far as anything that is rendered goes into it. */
export const fitShape = fits({
  card: fits({
    device: textOrNull,
    vram: number,
    memory: text,
    family: text,
    bandwidth: numberOrNull,
    grade: textOrNull,
    source: textOrNull,
  }),
  budget: fits({ bytes: number, parts: listOf(fits({ name: text, bytes: number })) }),
  wish: fits({ context, kv: listOf(text, 1), parallel: number, microBatch: number }),
  validated: fits({ context: number, kv: text }),
  candidates: listOf(fits({ type: text, bytes: number, rows: listOf(row, 1) })),
  choice: anyOf(nothing, fits({ type: text, file: text, loading })),
  larger: listOf(fits({ type: text, perSequence: number })),
  ways: listOf(way),
  server: anyOf(nothing, listOf(text)),
  verification: anyOf(nothing, verification),
});
