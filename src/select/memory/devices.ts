/** A GPU, as far as it bounds context and speed. */
export interface Device {
  /** As it is named in a pipeline file, such as `rtx-4060`. */
  readonly id: string;
  readonly aliases: readonly string[];
  /** Memory as it is sold, bytes (8 GB are 8 GiB); the first is meant where nothing else is said. */
  readonly vram: readonly number[];
  /** Peak, bytes a second. */
  readonly bandwidth: number;
  /** Width of the bus, bits, and what one line of it carries, Gbit/s: `bandwidth` is their product over eight. */
  readonly bus?: { readonly bits: number; readonly rate: number };
  /** `own`: of the card. `shared`: with the processor. */
  readonly memory: "own" | "shared";
  readonly family: "nvidia" | "amd" | "apple";
  readonly source: string;
  /**
   * A: a source, and another one or the arithmetic of bus and rate agrees. B: one source only. C: arithmetic only; nobody
   * confirmed it.
   */
  readonly grade: "A" | "B" | "C";
}

const gib = 1024 ** 3;

type Bus = readonly [bits: number, rate: number];

interface Rest {
  readonly bus?: Bus;
  readonly aliases?: readonly string[];
  readonly grade?: Device["grade"];
}

const device = (
  id: string,
  vram: readonly number[],
  gigabytes: number,
  source: string,
  kind: Pick<Device, "family" | "memory">,
  { bus, aliases = [], grade = "A" }: Rest = {},
): Device => ({
  id,
  aliases,
  vram: vram.map((each) => each * gib),
  bandwidth: Math.round(gigabytes * 1e9),
  ...(bus === undefined ? {} : { bus: { bits: bus[0], rate: bus[1] } }),
  ...kind,
  source,
  grade,
});

const nvidia = (
  id: string,
  vram: readonly number[],
  gigabytes: number,
  bus: Bus,
  source: string,
  rest: Rest = {},
): Device => device(id, vram, gigabytes, source, { family: "nvidia", memory: "own" }, { bus, ...rest });

const stacked = (id: string, vram: number, gigabytes: number, source: string, rest: Rest = {}): Device =>
  device(id, [vram], gigabytes, source, { family: "nvidia", memory: "own" }, rest);

const apple = (id: string, vram: readonly number[], gigabytes: number, rest: Rest = {}): Device =>
  device(
    id,
    vram,
    gigabytes,
    "README of gguf-parser-go; press reports of the chip",
    { family: "apple", memory: "shared" },
    rest,
  );

const shared = { memory: "shared" } as const;

/** Gigabytes of speed are decimal and are bytes already: 384 lines of 21 Gbit/s carry 1008 GB/s. */
export const devices: readonly Device[] = [
  nvidia("rtx-3060", [12], 360, [192, 15], "cpu-gpu.alldbin.com; the card of 8 GB has 240 GB/s", {
    aliases: ["rtx-3060-12gb"],
  }),
  nvidia("rtx-3060-ti", [8], 448, [256, 14], "llmfit"),
  nvidia("rtx-3070", [8], 448, [256, 14], "llmfit"),
  nvidia("rtx-3080", [10], 760, [320, 19], "sirusgaming.com, fudzilla.com"),
  nvidia("rtx-3080-ti", [12], 912, [384, 19], "llmfit"),
  nvidia("rtx-3090", [24], 936, [384, 19.5], "fudzilla.com, sirusgaming.com"),
  nvidia("rtx-3090-ti", [24], 1008, [384, 21], "cpu-gpu.alldbin.com"),
  nvidia("rtx-4060", [8], 272, [128, 17], "cpu-gpu.alldbin.com"),
  nvidia("rtx-4060-ti", [8, 16], 288, [128, 18], "guru3d.com"),
  nvidia("rtx-4070", [12], 504, [192, 21], "alldbin.com; with GDDR6 480 GB/s"),
  nvidia("rtx-4070-super", [12], 504, [192, 21], "hardwareluxx.de"),
  nvidia("rtx-4070-ti", [12], 504, [192, 21], "guru3d.com"),
  nvidia("rtx-4070-ti-super", [16], 672, [256, 21], "craftrigs.com, llmfit"),
  nvidia("rtx-4080", [16], 716.8, [256, 22.4], "cpu-gpu.alldbin.com"),
  nvidia("rtx-4080-super", [16], 736, [256, 23], "craftrigs.com, llmfit"),
  nvidia("rtx-4090", [24], 1008, [384, 21], "alldbin.com, gpuhunter.io"),
  nvidia("rtx-5060", [8], 448, [128, 28], "dev.to"),
  nvidia("rtx-5060-ti", [8, 16], 448, [128, 28], "dev.to, llmfit"),
  nvidia("rtx-5070", [12], 672, [192, 28], "llmfit, club386.com"),
  nvidia("rtx-5070-ti", [16], 896, [256, 28], "tweaktown.com"),
  nvidia("rtx-5080", [16], 960, [256, 30], "tweaktown.com"),
  nvidia("rtx-5090", [32], 1792, [512, 28], "tweaktown.com"),
  nvidia("rtx-a6000", [48], 768, [384, 16], "sysrqmts.com"),
  nvidia("rtx-6000-ada", [48], 960, [384, 20], "arithmetic", { grade: "C" }),
  nvidia("rtx-pro-6000", [96], 1792, [512, 28], "localai.osmantic.com, store.sourcecode.com"),
  nvidia("t4", [16], 320, [256, 10], "fpsbench.com, alldbin.com", { aliases: ["tesla-t4"] }),
  nvidia("a10", [24], 600, [384, 12.5], "sysrqmts.com"),
  nvidia("l4", [24], 300, [192, 12.5], "fpsbench.com, store.sourcecode.com"),
  nvidia("l40s", [48], 864, [384, 18], "store.sourcecode.com, llmbook.apartsin.com"),
  stacked("a100-40gb", 40, 1555, "glennklockwood.com", { grade: "B" }),
  stacked("a100-80gb", 80, 2039, "glennklockwood.com, acecloud.ai", { aliases: ["a100", "a100-sxm"] }),
  stacked("h100-pcie", 80, 2000, "llmfit", { grade: "B" }),
  stacked("h100", 80, 3350, "acecloud.ai, llmbook.apartsin.com", { aliases: ["h100-sxm"] }),
  stacked("h200", 141, 4800, "acecloud.ai, llmbook.apartsin.com"),
  stacked("b200", 180, 8000, "acecloud.ai", { grade: "B" }),
  device("mi300x", [192], 5300, "codesota.com, aiwiki.ai", { family: "amd", memory: "own" }),
  device("rx-7900-xtx", [24], 960, "hardwaretimes.com", { family: "amd", memory: "own" }, { bus: [384, 20] }),
  device("rx-9070-xt", [16], 640, "arithmetic", { family: "amd", memory: "own" }, { bus: [256, 20], grade: "C" }),
  device(
    "strix-halo",
    [128],
    256,
    "fromthematrix.dev, community.frame.work",
    { family: "amd", ...shared },
    {
      bus: [256, 8],
      aliases: ["ryzen-ai-max-395"],
    },
  ),
  device(
    "dgx-spark",
    [128],
    273,
    "groundy.com, starryhope.com",
    { family: "nvidia", ...shared },
    { aliases: ["gb10"] },
  ),
  apple("m1", [16, 8], 68.3),
  apple("m1-pro", [32, 16], 204.8),
  apple("m1-max", [64, 32], 409.6),
  apple("m1-ultra", [128, 64], 819.2),
  apple("m2", [24, 16, 8], 102.4),
  apple("m2-pro", [32, 16], 204.8),
  apple("m2-max", [96, 64, 32], 409.6),
  apple("m2-ultra", [192, 128, 64], 819.2),
  apple("m3", [24, 16, 8], 102.4),
  apple("m3-pro", [36, 18], 153.6),
  apple("m3-max", [128, 64, 48], 409.6, { aliases: ["m3-max-16"] }),
  apple("m3-max-14", [96, 36], 300),
  apple("m3-ultra", [512, 256, 96], 819),
  apple("m4", [32, 24, 16], 120),
  apple("m4-pro", [64, 48, 24], 273),
  apple("m4-max", [128, 64, 48], 546, { aliases: ["m4-max-16"] }),
  apple("m4-max-14", [36], 410),
];

/** Finds a device by its id or another name of it; spaces, case and the maker's name before it do not matter. */
export const findDevice = (name: string): Device | undefined => {
  const wanted = name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, "-")
    .replace(/^(?:(?:nvidia|geforce|amd|radeon|apple)-)+/, "")
    .replace(/^(rtx|rx)(\d)/, "$1-$2");
  return devices.find(({ id, aliases }) => id === wanted || aliases.includes(wanted));
};
