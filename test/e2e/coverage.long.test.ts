import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Answer } from "../../src/select/answer.ts";
import { moeModel } from "../llama/moe-model.ts";
import { Rig, type Ended } from "../rig/rig.ts";

const rig = new Rig();

/** Words of letters, or of digits and signs, from a little generator, in documents that are unlike. */
const texts = (folder: string, alphabet: string, documents: number): void => {
  let state = 7;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const word = (): string => Array.from({ length: 2 + next(6) }, () => alphabet[next(alphabet.length)]).join("");
  for (let document = 0; document < documents; document += 1)
    rig.write(`${folder}/${document}.txt`, Array.from({ length: 60 }, word).join(" "));
};

const pipeline = (imatrix: string, types = "[Q8_0, IQ2_XS]"): string => `name: moe
model: models/moe.gguf
corpus:
  split: { search: 2 units }
  hygiene: { secrets: false, near-duplicates: false, boilerplate: false, duplicates: false }
  sources:
    - { id: prose, files: prose/*.txt, domain: prose, share: 75% }
    - { id: signs, files: signs/*.txt, domain: signs, share: 25% }
imatrix: { chunks: 8, context: 128, ${imatrix} }
quantize: { types: ${types} }
validate: { domain: prose, units: 16, unit: 128, context: 128 }
select: { tolerance: chat, mode: full }
`;

const run = async (imatrix: string): Promise<Ended> => {
  rig.write("moe.yaml", pipeline(imatrix));
  return rig.run("moe.yaml");
};

const report = (): Answer => JSON.parse(rig.read("out/moe/report.json")) as Answer;

beforeAll(() => {
  writeFileSync(rig.path("models/moe.gguf"), moeModel());
  texts("prose", "abcdefghijklmnopqrstuvwxyz", 80);
  texts("signs", "0123456789+-*/=<>()[]{}!?;:%&#@$^~|", 80);
});
afterAll(() => rig[Symbol.dispose]());

describe("a model with 64 experts, and a text that reaches few of them", () => {
  test("fails at the gate, and the failure names the experts", async () => {
    const ended = await run("per-source: 2, coverage: { min-tokens: 64, experts: 20% }");
    expect(ended.code).toBe(1);
    const [failure] = ended.result?.failures ?? [];
    expect(failure).toMatchObject({ reason: "imatrix-uncovered", step: "imatrix", minTokens: 64, allowed: 0.2 });
    const weights = failure?.reason === "imatrix-uncovered" ? failure.weights : [];
    expect(weights.map(({ weight }) => weight)).toEqual([
      "blk.0.ffn_down_exps.weight",
      "blk.0.ffn_gate_exps.weight",
      "blk.0.ffn_up_exps.weight",
    ]);
    expect(weights.every(({ experts, of }) => of === 64 && experts!.length > 0.2 * 64)).toBe(true);
  });

  test("passes when a source gives more, and only as much as is needed", async () => {
    const ended = await run("per-source: 2, coverage: { min-tokens: 64, experts: 60%, top-up: [signs] }");
    expect(ended.result, ended.stdout.slice(-3000)).toHaveProperty("choice");
    const { topUp, gate } = report().imatrix.coverage;
    expect(gate).toEqual({ minTokens: 64, experts: 0.6 });
    expect(topUp?.outcome).toBe("covered");
    expect(topUp?.sources.map(({ id }) => id)).toEqual(["signs"]);
  });

  test("says that the sources are exhausted where they cannot cover it", async () => {
    const ended = await run("per-source: 2, coverage: { min-tokens: 1M, top-up: true }");
    const [failure] = ended.result?.failures ?? [];
    expect(failure).toMatchObject({ reason: "imatrix-uncovered" });
    expect(failure?.reason === "imatrix-uncovered" && (failure.topUp ?? 0) > 16).toBe(true);
  });

  test("is pinned, and llama.cpp loads and measures what comes of it", async () => {
    const ended = await run("coverage: { min-tokens: 64, pin: Q8_0 }");
    expect(ended.result, ended.stdout.slice(-3000)).toHaveProperty("choice");
    expect(ended.steps.get("validate/IQ2_XS/1")).toBe("done");
    const answer = report();
    expect(answer.imatrix.coverage.pinned?.type).toBe("Q8_0");
    expect(answer.imatrix.coverage.pinned?.weights).toContain("blk.0.ffn_down_exps.weight");
    const small = answer.candidates.find(({ type }) => type === "IQ2_XS")!;
    // Nearly all of the model are its experts, which have 8.5 bits now.
    expect(small.bpw).toBeGreaterThan(7);
    expect(rig.read("out/moe/report.md")).toContain("Given the type Q8_0 in smaller quants");
  });
});
