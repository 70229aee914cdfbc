import { describe, expect, test } from "vitest";
import type { Tolerance } from "../../src/pipeline/pipeline.ts";
import { presetNames, presetTolerance } from "../../src/pipeline/presets.ts";
import { loadedWith, saidOf, type Change } from "./two-domains.ts";

const usual: Tolerance = { name: "custom", ppl: null, pplDelta: null, kld: null, sameTop: null, confidence: 0.95 };
const rise = (ppl: number): Tolerance => ({ ...usual, ppl, kld: 2 * Math.log1p(ppl) });

describe("a tolerance for all domains", () => {
  test.each<[string, Tolerance]>([
    ["{ ppl: 3% }", rise(0.03)],
    ["{ ppl: 0.1% }", rise(0.001)],
    ["{ ppl: 100% }", rise(1)],
    ["{ ppl: 3%, kld: 0.06 }", { ...rise(0.03), kld: 0.06 }],
    ["{ ppl: 3%, kld: 0.06 nats, same-top: 95%, confidence: 99% }", expect.objectContaining({ sameTop: 0.95 })],
    ["{ ppl: 3%, same-top: 50% }", { ...rise(0.03), sameTop: 0.5 }],
    ["{ ppl: 3%, same-top: 99.99% }", { ...rise(0.03), sameTop: 0.9999 }],
    ["{ ppl-delta: 0.05 }", { ...usual, pplDelta: 0.05 }],
    ["{ ppl-delta: 5e-2, kld: 0.1 }", { ...usual, pplDelta: 0.05, kld: 0.1 }],
    ["{ ppl-delta: 1000, confidence: 50% }", { ...usual, pplDelta: 1000, confidence: 0.5 }],
    ["CHAT", presetTolerance("chat")],
  ])("%s", async (written, expected) => {
    const { tolerances } = (await loadedWith("[medical, general]", written)).select;
    expect(tolerances).toEqual([
      expect.objectContaining({ domain: "medical" }),
      expect.objectContaining({ domain: "general" }),
    ]);
    for (const { domain, ...tolerance } of tolerances) expect([domain, tolerance]).toEqual([domain, expected]);
  });

  test.each(presetNames)("%s", async (name) => {
    const { select, validate } = await loadedWith("medical", name);
    expect(validate.domains).toEqual(["medical"]);
    expect(select.tolerances).toEqual([{ domain: "medical", ...presetTolerance(name) }]);
  });
});

describe("a tolerance by domain", () => {
  test("has percentages, presets and bounds, and names the domains in the order in which it is written", async () => {
    const { select, validate } = await loadedWith("", "{ general: { ppl-delta: 0.05, same-top: 90% }, medical: 2 % }");
    expect(validate.domains).toEqual(["general", "medical"]);
    expect(select.tolerances).toEqual([
      { domain: "general", ...usual, pplDelta: 0.05, sameTop: 0.9 },
      { domain: "medical", ...rise(0.02) },
    ]);
  });

  test("may stand beside the same domains, whose order counts", async () => {
    const { select, validate } = await loadedWith("[general, medical]", "{ medical: code, general: math }");
    expect(validate.domains).toEqual(["general", "medical"]);
    expect(select.tolerances.map(({ domain, name }) => [domain, name])).toEqual([
      ["general", "math"],
      ["medical", "code"],
    ]);
  });

  test("may be of one domain, or of one called like a preset", async () => {
    expect((await loadedWith("", "{ medical: chat }")).validate.domains).toEqual(["medical"]);
    const code: Change = ["domain: general", "domain: code"];
    expect((await loadedWith("", "{ code: code }", code)).select.tolerances).toEqual([
      { domain: "code", ...presetTolerance("code") },
    ]);
  });

  test("keeps the order of domains that are numbers, and of names that objects have", async () => {
    const numbers: Change[] = [
      ["id: notes, files: ../corpora/medical/notes/**/*.txt, domain: medical", "id: notes, stdin: lines, domain: '30'"],
      ["domain: medical, share: 20%", "domain: constructor, share: 20%"],
      ["domain: general", "domain: '4'"],
    ];
    const { select, validate } = await loadedWith("", "{ constructor: 5%, 30: 3%, 4: 2% }", ...numbers);
    expect(validate.domains).toEqual(["constructor", "30", "4"]);
    expect(select.tolerances.map(({ ppl }) => ppl)).toEqual([0.05, 0.03, 0.02]);
  });

  test("may come through an alias", async () => {
    const { select } = await loadedWith("", "{ medical: &own { ppl: 4% }, general: *own }");
    expect(select.tolerances.map(({ domain, ppl }) => [domain, ppl])).toEqual([
      ["medical", 0.04],
      ["general", 0.04],
    ]);
  });
});

const bounds = "`ppl`, `ppl-delta`, `kld`, `same-top` and `confidence`";
const rises = "(perplexity may rise by a part, such as `ppl: 3%`, or by so much, such as `ppl-delta: 0.05`)";
const forms = "the name of a preset such as `chat`, or a mapping such as `{ ppl: 3% }` or `{ medical: 3% }`";
const each = "a percentage such as `3%`, the name of a preset such as `chat`, or a mapping such as `{ ppl: 3% }`";

describe("wrong bounds", () => {
  test.each<[string, string[]]>([
    ["{}", [`«tolerance» the tolerance lacks \`ppl\` or \`ppl-delta\` ${rises}`]],
    ["{ same-top: 95% }", [`«tolerance» the tolerance lacks \`ppl\` or \`ppl-delta\` ${rises}`]],
    ["{ confidence: 95% }", [`«tolerance» the tolerance lacks \`ppl\` or \`ppl-delta\` ${rises}`]],
    [
      "{ ppl: 3%, ppl-delta: 0.05 }",
      [
        "«ppl-delta» a tolerance has either `ppl` or `ppl-delta` (keep the one that is meant) [«ppl» `ppl` is given here]",
      ],
    ],
    [
      "{ ppl-delta: 0.05, kld: 0.1, ppl: 3% }",
      [
        "«ppl» a tolerance has either `ppl-delta` or `ppl` (keep the one that is meant) [«ppl-delta» `ppl-delta` is given here]",
      ],
    ],
    ["{ ppl: }", ["«ppl» `ppl` has no value (it must be a percentage such as `3%`)"]],
    ["{ kld: 0.1, pll: 3% }", [`«pll» \`pll\` is not a key of a tolerance (the keys here are ${bounds})`]],
    ["{ ppl: 3%, same_top: 3% }", ["«same_top» `same_top` is not a key of a tolerance (did you mean `same-top`?)"]],
    [
      "{ ppl-delta: 5% }",
      ["«5%» `ppl-delta` must be a number above `0` such as `0.05`, not `5%` (a relative rise is written `ppl: 5%`)"],
    ],
    [
      "{ ppl-delta: '0.05' }",
      [
        "«'0.05'» `ppl-delta` must be a number above `0` such as `0.05`, not `'0.05'` (write it without quotes: `0.05`)",
      ],
    ],
    [
      "{ ppl-delta: 0.05 nats }",
      [
        "«0.05 nats» `ppl-delta` must be a number above `0` such as `0.05`, not `0.05 nats` (it is a plain number, without a unit)",
      ],
    ],
    ["{ ppl-delta: 0 }", ["«0» `ppl-delta` must be above `0` and at most `1000`, not `0`"]],
    ["{ ppl-delta: -0.05 }", ["«-0.05» `ppl-delta` must be above `0` and at most `1000`, not `-0.05`"]],
    ["{ ppl-delta: .inf }", ["«.inf» `ppl-delta` must be a number above `0` such as `0.05`, not `.inf`"]],
    ["{ ppl-delta: 1001 }", ["«1001» `ppl-delta` must be above `0` and at most `1000`, not `1001`"]],
    [
      "{ ppl: 3%, same-top: 100% }",
      [
        "«100%» `same-top` must be at least `50%` and below `100%`, not `100%` (no sample of tokens can show that all tokens agree)",
      ],
    ],
    ["{ ppl: 3%, same-top: 49.9% }", ["«49.9%» `same-top` must be at least `50%` and below `100%`, not `49.9%`"]],
    [
      "{ ppl: 3%, same-top: 0.95 }",
      [
        "«0.95» `same-top` must be a percentage such as `95%`, not `0.95` (the accepted unit is `%`: did you mean `95%`?)",
      ],
    ],
    ["[ppl]", [`«[ppl]» \`tolerance\` must be ${forms}, not a list`]],
    ["", [`«tolerance» \`tolerance\` has no value (it must be ${forms})`]],
  ])("%s", async (written, expected) => {
    expect(await saidOf("medical", written)).toEqual(expected);
  });
});

describe("wrong tolerances of domains", () => {
  test.each<[string, string[]]>([
    [
      "{ medical: cod, general: 2 }",
      [
        "«cod» `cod` is not a tolerance (did you mean `code`?)",
        "«2» `general` must be a percentage such as `3%`, not `2` (the accepted unit is `%`: did you mean `2%`?)",
      ],
    ],
    [
      "{ medical: 0.05%, general: 200% }",
      [
        "«0.05%» `medical` must be at least `0.1%`, not `0.05%` (BF16 and F16 of one model differ by about as much, so less cannot be shown)",
        "«200%» `general` must be at most `100%`, not `200%`",
      ],
    ],
    [
      "{ medical: 2 percent, general: -2% }",
      [
        "«2 percent» `medical` must be a percentage such as `3%`, not `2 percent` (the accepted unit is `%`)",
        "«-2%» `general` must be a percentage such as `3%`, not `-2%` (the accepted unit is `%`)",
      ],
    ],
    [
      "{ medical: [2%], general: }",
      [`«[2%]» \`medical\` must be ${each}, not a list`, `«general» \`general\` has no value (it must be ${each})`],
    ],
    ["{ medical: .nan, general: 2% }", [`«.nan» \`medical\` must be ${each}, not \`.nan\``]],
    [
      "{ medical: {}, general: { ppl: 1%, ppl-delta: 1, kdl: 1 } }",
      [
        `«medical» the tolerance of \`medical\` lacks \`ppl\` or \`ppl-delta\` ${rises}`,
        "«ppl-delta» a tolerance has either `ppl` or `ppl-delta` (keep the one that is meant) [«ppl» `ppl` is given here]",
        "«kdl» `kdl` is not a key of a tolerance (did you mean `kld`?)",
      ],
    ],
  ])("%s", async (written, expected) => {
    expect(await saidOf("", written)).toEqual(expected);
  });
});

describe("all domains have one confidence", () => {
  const differ = (at: string, ...values: readonly string[]): string =>
    `«${at}» the domains have different confidences: ${values.map((value) => `\`${value}\``).join(" and ")} (it is one decision with one error rate: a choice must be inside the bounds of every domain, each held at the same level)`;

  test.each<[string, string[]]>([
    ["{ medical: { ppl: 3%, confidence: 99% }, general: { ppl: 3%, confidence: 99.0% } }", []],
    ["{ medical: { ppl: 3%, confidence: 95% }, general: chat }", []],
    ["{ medical: { ppl: 3% }, general: 2% }", []],
    ["{ medical: { ppl: 3%, confidence: 99% }, general: { ppl: 3% } }", [differ("99%", "99%", "95%")]],
    ["{ medical: { ppl: 3%, confidence: 99% }, general: 3% }", [differ("99%", "99%", "95%")]],
    ["{ medical: chat, general: { ppl: 3%, confidence: 90% } }", [differ("90%", "95%", "90%")]],
    ["{ medical: { ppl: 3%, confidence: 99% }, general: { ppl: 3%, confidence: 98% } }", [differ("98%", "99%", "98%")]],
    [
      "{ medical: { confidence: 99% }, general: chat }",
      [`«medical» the tolerance of \`medical\` lacks \`ppl\` or \`ppl-delta\` ${rises}`, differ("99%", "99%", "95%")],
    ],
    // Not known, so not judged.
    [
      "{ medical: { ppl: 3%, confidenc: 99% }, general: chat }",
      ["«confidenc» `confidenc` is not a key of a tolerance (did you mean `confidence`?)"],
    ],
    [
      "{ medical: { ppl: 3%, confidence: 99% }, general: caht }",
      ["«caht» `caht` is not a tolerance (did you mean `chat`?)"],
    ],
  ])("%s", async (written, expected) => {
    expect(await saidOf("", written)).toEqual(expected);
  });
});

describe("a tolerance is either of bounds or by domain", () => {
  const named = (domain: string): Change => ["domain: general", `domain: ${domain}`];
  const clash = (name: string): string =>
    `«${name}» the domain \`${name}\` can have no tolerance of its own, because \`${name}\` is the name of a bound (give the domain another name)`;
  const mixed =
    "«medical» a tolerance is either of bounds for all domains or by domain (put `ppl` into the tolerance of a domain, or take `medical` out) [«ppl» `ppl` is a bound]";

  test.each<[string, string, string[]]>([
    ["medical", "{ ppl: 3%, medical: 2% }", [mixed]],
    ["", "{ ppl: 3%, medical: 2%, general: 0.1 }", [mixed]],
    ["medical", "{ ppl: 3%, law: 2% }", [`«law» \`law\` is not a key of a tolerance (the keys here are ${bounds})`]],
  ])("with %j and %s", async (domains, written, expected) => {
    expect(await saidOf(domains, written)).toEqual(expected);
  });

  test.each<[string, string, string, string[]]>([
    ["ppl", "", "{ ppl: 3%, medical: 2% }", [clash("ppl")]],
    ["ppl", "ppl", "{ ppl: chat }", [clash("ppl")]],
    ["ppl", "ppl", "{ ppl: { ppl: 3% } }", [clash("ppl")]],
    ["kld", "kld", "{ kld: 3% }", [clash("kld")]],
    ["confidence", "", "{ medical: chat, confidence: code }", [clash("confidence")]],
    [
      "ppl",
      "ppl",
      "{ ppl: cht }",
      ["«cht» `ppl` must be a percentage such as `3%`, not `cht` (the accepted unit is `%`)"],
    ],
    ["ppl", "ppl", "{ ppl: 3% }", []],
    ["ppl", "[medical, ppl]", "{ ppl: 3%, kld: 0.1 }", []],
    ["ppl", "[medical, ppl]", "chat", []],
  ])("with a domain called %s, validated as %j and held to %s", async (name, domains, written, expected) => {
    expect(await saidOf(domains, written, named(name))).toEqual(expected);
  });
});
