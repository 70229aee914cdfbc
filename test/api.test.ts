import { join } from "node:path";
import { expect, expectTypeOf, test } from "vitest";
import { findTools, loadPipeline, planPipeline, runPipeline, type Answer, type Pipeline } from "../src/api.ts";
import type { Event } from "../src/base/event.ts";
import { Rig } from "./rig/rig.ts";
import { tinyPipeline } from "./rig/tiny.ts";
import { realTools } from "./rig/tools.ts";

test("a program can load, plan and run a pipeline", async () => {
  using rig = new Rig();
  const loaded = await loadPipeline(rig.write("tiny.yaml", tinyPipeline));
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  const tools = await findTools(loaded.value, { llamaCpp: realTools() });
  if (!tools.ok) throw new Error(JSON.stringify(tools.error));
  const planned = planPipeline(loaded.value, tools.value, { cache: rig.store });
  expect(planned.ok && planned.value.every(({ status }) => status === "run")).toBe(true);

  const events: Event[] = [];
  const options = { out: rig.out, cache: rig.store, onEvent: (event: Event) => void events.push(event) };
  const ran = await runPipeline(loaded.value, tools.value, options);
  if (!ran.ok) throw new Error(JSON.stringify(ran.error));
  expect(ran.value.failures).toEqual([]);
  expect(ran.value.answer?.choice?.type).toBe("Q4_K_M");
  expect(ran.value.folder).toBe(join(rig.out, "tiny"));
  expect(events.filter(({ type }) => type === "run-started")).toHaveLength(1);
  expect([...rig.sums("tiny").values()]).toContain(ran.value.answer?.choice?.sha256);

  const again = planPipeline(loaded.value, tools.value, { cache: rig.store });
  expect(again.ok && again.value.every(({ status }) => status === "cached")).toBe(true);
});

test("a file with mistakes is a value with located diagnostics, and an unchecked text is no pipeline", async () => {
  using rig = new Rig();
  const loaded = await loadPipeline(rig.write("wrong.yaml", "name: 7\n"));
  expect(loaded).toMatchObject({ ok: false, error: { reason: "invalid-pipeline" } });
  expectTypeOf<string>().not.toExtend<Pipeline>();
  expectTypeOf<Answer["schemaVersion"]>().toEqualTypeOf<4>();
});
