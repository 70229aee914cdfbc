import { expect, test } from "vitest";
import { gpuAliases, gpuNames } from "../../src/pipeline/gpus.ts";
import { devices, findDevice } from "../../src/select/memory/devices.ts";

test("a pipeline file takes the GPUs of the table and their other names", () => {
  expect([...gpuNames]).toEqual(devices.map(({ id }) => id));
  const others = devices.flatMap(({ id, aliases }) => aliases.map((alias) => [alias.toUpperCase(), id]));
  expect(gpuAliases).toEqual(Object.fromEntries(others));
  for (const [alias, id] of Object.entries(gpuAliases)) expect(findDevice(alias)?.id).toBe(id);
});
