import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonical, sha256, type JsonObject } from "../../src/base/canonical.ts";
import type { Digest } from "../../src/base/ids.ts";
import { toolNames } from "../../src/base/tool.ts";
import type { Pipeline } from "../../src/pipeline/pipeline.ts";
import { keyDocument, keyOf, recipeOf } from "../../src/plan/key.ts";
import { makePlan } from "../../src/plan/plan.ts";
import { stepKinds, type StepSpec } from "../../src/plan/step.ts";
import {
  ablating,
  everySource,
  importing,
  pipelines,
  small,
  toolchain,
  toppedUp,
  withNotes,
  World,
} from "./pipelines.ts";

/** With a model that is fetched. */
const everyStep: Pipeline = {
  ...everySource,
  modelSource: {
    files: [
      {
        path: everySource.model,
        fetched: { what: "w", url: "u", sha256: sha256("model"), bytes: 7, target: "/blobs/b", lock: "/locks/b" },
      },
    ],
    hub: null,
  },
};

const spec = (id: string, pipeline: Pipeline = everyStep): StepSpec =>
  makePlan(pipeline).steps.find((step) => step.id === id)!;

/** Every input with a digest of its own. */
const inputsOf = ({ inputs }: StepSpec): Record<string, Digest> =>
  Object.fromEntries(Object.keys(inputs).map((role) => [role, sha256(role)]));

const documentOf = (id: string): JsonObject => keyDocument(spec(id), inputsOf(spec(id)), toolchain);

const ids = makePlan(everyStep).steps.map(({ id }) => id);

/** Every document that differs from `value` in one place: a leaf changed, or left out. */
const mutations = (value: JsonObject): JsonObject[] =>
  Object.entries(value).flatMap(([name, inner]): JsonObject[] => {
    const { [name]: _, ...without } = value;
    const deeper = typeof inner === "object" && inner !== null && !Array.isArray(inner);
    const changed = deeper
      ? mutations(inner as JsonObject).map((next) => ({ ...value, [name]: next }))
      : [{ ...value, [name]: "changed" }];
    return [without, ...changed];
  });

describe("what a step does", () => {
  const step = spec("quantize/Q4_K_M");
  const recipe = (...[inputs, tools]: [Record<string, Digest>, typeof toolchain]): Digest =>
    recipeOf(keyDocument(step, inputs, tools));

  test("is told by its inputs and the version of the tool, and not by the tool's bytes", () => {
    const usual = recipe(inputsOf(step), toolchain);
    const rebuilt = { ...toolchain, identity: { ...toolchain.identity, "llama-quantize": sha256("rebuilt") } };
    expect(recipe(inputsOf(step), rebuilt)).toBe(usual);
    expect(keyOf(keyDocument(step, inputsOf(step), rebuilt))).not.toBe(keyOf(documentOf(step.id)));
    expect(recipe(inputsOf(step), { ...toolchain, version: "9.9" })).not.toBe(usual);
    expect(recipe({ ...inputsOf(step), "model.gguf": sha256("other") }, toolchain)).not.toBe(usual);
    expect(recipeOf(documentOf("quantize/Q8_0"))).not.toBe(usual);
  });

  test("is the whole document where no tool runs", () => {
    expect(recipeOf(documentOf("model"))).toBe(String(keyOf(documentOf("model"))));
  });
});

describe("the key of a step", () => {
  test.each(ids)("of %s differs whichever field of its document differs", (id) => {
    const document = documentOf(id);
    const keys = [document, ...mutations(document)].map(keyOf);
    expect(keys.length).toBeGreaterThan(8);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test.each(ids)("of %s does not depend on the order of names", (id) => {
    const step = spec(id);
    const turned: StepSpec = {
      ...step,
      params: Object.fromEntries(Object.entries(step.params).toReversed()),
      outputs: Object.fromEntries(Object.entries(step.outputs).toReversed()),
    };
    const inputs = Object.fromEntries(Object.entries(inputsOf(step)).toReversed());
    expect(keyOf(keyDocument(turned, inputs, toolchain))).toBe(keyOf(documentOf(id)));
  });

  test("holds every kind of step", () => {
    const plans = [everyStep, toppedUp, importing, ablating].map((pipeline) => makePlan(pipeline).steps);
    expect(new Set(plans.flatMap((steps) => steps.map(({ kind }) => kind)))).toEqual(new Set(stepKinds));
  });

  test("differs between the steps of a plan, unless they do the very same work", () => {
    fc.assert(
      fc.property(pipelines, (pipeline) => {
        const documents = makePlan(pipeline).steps.map((step) =>
          canonical(keyDocument(step, inputsOf(step), toolchain)),
        );
        // Shards of one size are told apart by the digests of their texts, which are equal here.
        const others = documents.filter((text) => !/"kind":"(baseline|validate)"/.test(text));
        expect(new Set(others).size).toBe(others.length);
      }),
    );
  });

  const keysOf = (world: World, pipeline: Pipeline): [string, string][] => {
    world.run(pipeline);
    return [...world.latest].map(([id, { key }]) => [id, key]);
  };
  /** Moved files keep their bytes. */
  const moved = (path: string): string => path.replace("/home/ada/", "/elsewhere/");

  test("stays when the folder is moved", () => {
    const world = new World();
    for (const path of [small.model, "/home/ada/notes/a.txt", "/home/ada/notes/b.txt", "/home/ada/prompts.yaml"])
      world.files.set(moved(path), path);
    const text = JSON.stringify(small).replaceAll("/home/ada/", "/elsewhere/");
    expect(keysOf(world, JSON.parse(text) as Pipeline)).toEqual(keysOf(new World(), small));
  });

  test("stays when timeouts, the wanted version and the places of the tools change", () => {
    const world = new World();
    world.tools = { ...toolchain, directory: "/usr/bin", origin: "path", jsonLog: false };
    const other: Pipeline = { ...small, timeouts: { stall: 5 }, llamaCpp: { version: "*", backend: "auto" } };
    expect(keysOf(world, other)).toEqual(keysOf(new World(), small));
  });

  test.each(toolNames)(
    "of the steps that run %s changes with the bytes of that tool, and of no other step but the report",
    (tool) => {
      const other = { ...toolchain, identity: { ...toolchain.identity, [tool]: sha256("other") } };
      const changed = makePlan(small).steps.filter(
        (step) => keyOf(keyDocument(step, {}, other)) !== keyOf(keyDocument(step, {}, toolchain)),
      );
      const expected = makePlan(small).steps.filter((step) => step.tool === tool || step.kind === "report");
      expect(changed.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
      expect(changed.length).toBeGreaterThan(1);
    },
  );

  test("changes with the numeric class where numbers depend on it", () => {
    const other = { ...toolchain, numeric: { ...toolchain.numeric, isa: "x86-64-v4" } };
    const changed = makePlan(small).steps.filter(
      (step) => keyOf(keyDocument(step, {}, other)) !== keyOf(keyDocument(step, {}, toolchain)),
    );
    expect(new Set(changed.map(({ kind }) => kind))).toEqual(new Set(["imatrix", "baseline", "validate", "report"]));
  });

  test("changes with the name of a text, which decides where it goes", () => {
    const renamed = withNotes((notes) => ({
      ...notes,
      files: notes.files.map((file) => ({ ...file, name: `x-${file.name}` })),
    }));
    const document = (pipeline: Pipeline): JsonObject => {
      const corpus = spec("corpus", pipeline);
      return keyDocument(
        corpus,
        Object.fromEntries(Object.keys(corpus.inputs).map((role) => [role, sha256("")])),
        toolchain,
      );
    };
    expect(keyOf(document(renamed))).not.toBe(keyOf(document(small)));
  });
});
