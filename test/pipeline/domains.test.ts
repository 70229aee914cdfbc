import { describe, expect, test } from "vitest";
import { good, problemsOf, brief, withMistake } from "./memory-reader.ts";
import { loadedWith, saidOf, withTolerance, type Change } from "./two-domains.ts";

const bounds = "`ppl`, `ppl-delta`, `kld`, `same-top` and `confidence`";
const missing = (domain: string): string =>
  `«tolerance» the domain \`${domain}\` has no tolerance (give it one, such as \`${domain}: 3%\`) [«${domain}» it is to be validated]`;
const neither = (name: string, help: string): string =>
  `«${name}» \`${name}\` is neither a validated domain nor a key of a tolerance (${help})`;

describe("the domains that decide", () => {
  test("are one, or a list in the order in which it is written", async () => {
    expect((await loadedWith("medical", "chat")).validate.domains).toEqual(["medical"]);
    expect((await loadedWith("[general]", "chat")).validate.domains).toEqual(["general"]);
    expect((await loadedWith("[general, medical]", "chat")).validate.domains).toEqual(["general", "medical"]);
  });

  test("may be named by the tolerance alone, with all else of `validate` by default", async () => {
    const text = withTolerance("", "{ medical: 2% }").replace(/validate: .*\n/, "");
    expect(brief(await problemsOf(text))).toEqual([]);
  });

  const unnamed =
    "`validate` lacks `domain`, and the tolerance names no domain either (one of the two must: write `domain: medical`, or a tolerance by domain such as `{ medical: 3% }`)";

  test.each(["chat", "{ ppl: 3% }"])("are named by one of the two: not by %s", async (written) => {
    expect(await saidOf("", written)).toEqual([`«validate» ${unnamed}`]);
    const text = withTolerance("", written).replace(/validate: .*\n/, "");
    expect(brief(await problemsOf(text))).toEqual([`«name» ${unnamed}`]);
  });

  test("are asked for together with what else is wrong", async () => {
    expect(await saidOf("", "caht")).toEqual([
      `«validate» ${unnamed}`,
      "«caht» `caht` is not a tolerance (did you mean `chat`?)",
    ]);
  });

  test("are not asked for where a key may be meant for them, or nothing tells how the tolerance is meant", async () => {
    const misspelt = good.replace("validate: { domain", "validate: { domian");
    expect(brief(await problemsOf(misspelt))).toEqual([
      "«domian» `domian` is not a key of `validate` (did you mean `domain`?)",
    ]);
    expect(await saidOf("", "[chat]")).toHaveLength(1);
    expect(brief(await problemsOf(withTolerance("", "chat").replace("tolerance: chat", "tolerence: chat")))).toEqual([
      "«tolerence» `tolerence` is not a key of `select` (did you mean `tolerance`?)",
    ]);
  });

  test.each<[string, string[]]>([
    ["[]", ["«[]» `domain` is empty (name at least one domain)"]],
    [
      "[medical, general, medical]",
      ["«medical» the domain `medical` is given twice [«medical» `medical` is first given here]"],
    ],
    [
      "[medical, 5]",
      ['«5» an entry of `domain` must be a domain of the corpus such as `medical`, not `5` (put it in quotes: `"5"`)'],
    ],
    ["5", ["«5» `domain` must be a domain of the corpus such as `medical`, or a list of domains, not `5`"]],
    ["Medical", ["«Medical» `domain` must be a domain of the corpus such as `medical`, not `Medical`"]],
    ["[medical, law]", ["«law» no source has the domain `law` (the domains are `medical` and `general`)"]],
    [
      "[medicl, genral]",
      [
        "«medicl» no source has the domain `medicl` (did you mean `medical`?)",
        "«genral» no source has the domain `genral` (did you mean `general`?)",
      ],
    ],
    [
      "[law, law]",
      [
        "«law» no source has the domain `law` (the domains are `medical` and `general`)",
        "«law» the domain `law` is given twice [«law» `law` is first given here]",
      ],
    ],
  ])("are not %s", async (domains, expected) => {
    expect(await saidOf(domains, "chat")).toEqual(expected);
  });
});

describe("the domains of a tolerance", () => {
  test.each<[string, string[]]>([
    ["{ general: chat, medicl: 2% }", ["«medicl» no source has the domain `medicl` (did you mean `medical`?)"]],
    ["{ general: chat, Medical: 0.1 }", ["«Medical» no source has the domain `Medical` (did you mean `medical`?)"]],
    [
      "{ general: chat, __proto__: 2% }",
      ["«__proto__» no source has the domain `__proto__` (the domains are `medical` and `general`)"],
    ],
    ["{ kdl: 0.1 }", ["«kdl» no source has the domain `kdl` (did you mean `kld`?)"]],
  ])("have sources: not %s", async (written, expected) => {
    expect(await saidOf("", written)).toEqual(expected);
  });

  test.each<[string, string, string[]]>([
    [
      "medical",
      "{ medical: 2%, general: 3% }",
      [neither("general", "add it to `domain` of `validate`, or take it out here")],
    ],
    ["[medical, general]", "{ general: 3% }", [missing("medical")]],
    [
      "medical",
      "{ general: 3% }",
      [missing("medical"), neither("general", "add it to `domain` of `validate`, or take it out here")],
    ],
    ["[medical, general]", "{ general: 3%, medicl: 0.1 }", [neither("medicl", "did you mean `medical`?")]],
    [
      "[medical, general]",
      "{ general: 3%, law: 0.1 }",
      [
        missing("medical"),
        neither(
          "law",
          `the validated domains are \`medical\` and \`general\`, and the keys of a tolerance are ${bounds}`,
        ),
      ],
    ],
    ["medical", "{ kdl: 0.1 }", [neither("kdl", "did you mean `kld`?")]],
    ["medical", "{ ppl_delta: 0.05 }", [neither("ppl_delta", "did you mean `ppl-delta`?")]],
    [
      "medical",
      "{ perplexity: 3% }",
      [neither("perplexity", `the validated domain is \`medical\`, and the keys of a tolerance are ${bounds}`)],
    ],
    // A list that is wrong itself tells nothing of the tolerance.
    [
      "[medical, Law]",
      "{ general: 3% }",
      ["«Law» an entry of `domain` must be a domain of the corpus such as `medical`, not `Law`"],
    ],
  ])("are those of `validate`: %s and %s", async (domains, written, expected) => {
    expect(await saidOf(domains, written)).toEqual(expected);
  });

  test("are told where they are named", async () => {
    const text = withTolerance("[medical, law]", "{ medical: 2%, law: 3%, tax: 1% }", ["seed: 7", "seed: 7 # law tax"]);
    const notes = await problemsOf(text);
    expect(notes.map(({ location }) => location.start)).toEqual([text.indexOf("law]"), text.indexOf("tax: 1%")]);
  });

  test("are told at an alias and where it comes from", async () => {
    const message = "`ppl` must be a percentage such as `3%`, not `3` (the accepted unit is `%`: did you mean `3%`?)";
    expect(await saidOf("", "{ medical: &own { ppl: 3 }, general: *own }")).toEqual([
      `«3» ${message}`,
      `«*own» ${message} [«3» the alias stands for this]`,
    ]);
  });
});

describe("very many domains", () => {
  const domains = Array.from({ length: 1000 }, (_, index) => `d${String(index)}x`);

  test("that are all wrong are told one by one, each with a help of bounded length", async () => {
    const lines = await saidOf(`[${domains.join(", ")}]`, `{ ${domains.map((name) => `x${name}yy: 3%`).join(", ")} }`);
    expect(lines.filter((line) => line.includes("no source has the domain"))).toHaveLength(1000);
    const extra = lines.filter((line) => line.includes("neither a validated domain"));
    expect(extra).toHaveLength(1000);
    expect(extra.at(-1)).toContain(" and `d99x`, and 900 more");
    expect(Math.max(...extra.map((line) => line.length))).toBeLessThan(1500);
  });
});

describe("a source that is held out only", () => {
  const held: Change = ["domain: general, share: 30%", "domain: general, share: 100%, holdout-only: true"];
  const rest: Change = ["domain: medical, share: 50%", "domain: medical, share: 80%"];

  test("is of one of the domains that decide", async () => {
    expect(await saidOf("[medical, general]", "chat", held, rest)).toEqual([]);
    expect(await saidOf("", "{ medical: 2%, general: 3% }", held, rest)).toEqual([]);
    expect(await saidOf("medical", "chat", held, rest)).toEqual([
      "warning: «general» a source of domain `general` that is held out only is never used (text is held out of the validated domain, `medical`)",
    ]);
    const third: Change = ["domain: medical, share: 20%", "domain: law, share: 20%"];
    const lines: Change = ["notes/**/*.txt", "notes/**/*.txt, format: lines"];
    expect(await saidOf("[medical, law]", "chat", held, rest, third, lines)).toEqual([
      "warning: «general» a source of domain `general` that is held out only is never used (text is held out of the validated domains, `medical` and `law`)",
    ]);
  });
});

test("a tolerance is read in a pipeline whose other parts are wrong", async () => {
  const text = withMistake(["name: medical", "name: [x]"], ["tolerance: chat", "tolerance: { medical: 2%, law: 3% }"]);
  expect(brief(await problemsOf(text))).toEqual([
    "«[x]» `name` must be a name of `a-z`, `0-9`, `.`, `_` and `-` such as `medical`, not a list",
    expect.stringMatching(/^«law» `law` is neither a validated domain/),
  ]);
});
