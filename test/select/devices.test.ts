import { describe, expect, it } from "vitest";
import { devices, findDevice } from "../../src/select/memory/devices.ts";

describe("the table of devices", () => {
  it("has each name once", () => {
    const names = devices.flatMap(({ id, aliases }) => [id, ...aliases]);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z0-9-]+$/.test(name))).toEqual([]);
  });

  it("has speeds that are the product of bus and rate", () => {
    const wrong = devices.filter(
      ({ bandwidth, bus }) => bus !== undefined && bandwidth !== (bus.bits * bus.rate * 1e9) / 8,
    );
    expect(wrong).toEqual([]);
    expect(devices.filter(({ bus }) => bus !== undefined).length).toBeGreaterThan(25);
  });

  it("has a source for each, and grade A only with one that is not arithmetic", () => {
    expect(devices.filter(({ source }) => source === "")).toEqual([]);
    expect(devices.filter(({ source, grade }) => source === "arithmetic" && grade !== "C")).toEqual([]);
  });

  it("has memory in whole gibibytes and speeds of bytes, not of bits", () => {
    for (const { vram, bandwidth } of devices) {
      expect(vram.length).toBeGreaterThan(0);
      expect(vram.every((bytes) => bytes % 1024 ** 3 === 0)).toBe(true);
      expect(bandwidth).toBeGreaterThan(60e9);
      expect(bandwidth).toBeLessThan(10e12);
    }
    expect(findDevice("rtx-4090")?.bandwidth).toBe(1008e9);
  });

  it("finds a device however it is written, and none that is not there", () => {
    for (const name of ["rtx-4060", "RTX 4060", "NVIDIA GeForce RTX 4060", "rtx4060", "GeForce RTX 4060"])
      expect(findDevice(name)?.id).toBe("rtx-4060");
    expect(findDevice("Apple M2 Max")?.id).toBe("m2-max");
    expect(findDevice("AMD Radeon RX 7900 XTX")?.id).toBe("rx-7900-xtx");
    expect(findDevice("a100")?.id).toBe("a100-80gb");
    expect(findDevice("")).toBeUndefined();
    expect(findDevice("rtx-9999")).toBeUndefined();
  });
});
