import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { pipelineJsonSchemaText } from "../src/pipeline/json-schema.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (file: string): string => readFileSync(`${root}/${file}`, "utf8");
const sources = globSync("src/**/*.ts", { cwd: root }).sort();

/** What each room may import, and the packages that it alone uses. `base` may be imported by all. */
const rooms: Readonly<Record<string, { readonly rooms: readonly string[]; readonly packages: readonly string[] }>> = {
  base: { rooms: [], packages: [] },
  pipeline: { rooms: [], packages: ["yaml", "zod", "leven"] },
  plan: { rooms: ["pipeline"], packages: [] },
  store: { rooms: [], packages: [] },
  corpus: { rooms: [], packages: ["csv-parse", "@huggingface/jinja", "eld", "hyparquet", "hyparquet-compressors"] },
  llama: { rooms: [], packages: [] },
  select: {
    rooms: [],
    packages: [
      "@stdlib/stats-base-dists-normal-cdf",
      "@stdlib/stats-base-dists-normal-quantile",
      "@stdlib/stats-base-dists-t-quantile",
    ],
  },
  run: {
    rooms: ["pipeline", "plan", "store", "corpus", "llama", "select"],
    packages: ["execa", "semver", "tinyglobby", "picomatch", "undici", "@huggingface/hub"],
  },
  report: {
    rooms: ["pipeline", "plan", "run", "select", "corpus"],
    packages: ["listr2", "cli-progress", "pretty-ms", "fast-string-width", "@observablehq/plot", "linkedom"],
  },
  cli: {
    rooms: ["pipeline", "plan", "store", "run", "report", "select", "corpus"],
    packages: ["commander", "picomatch", "open"],
  },
};

interface Import {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const imports: Import[] = sources.flatMap((file) =>
  [...read(file).matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from\s+"([^"]+)"|import\("([^"]+)"\)/gm)].map(
    (match) => ({
      file,
      from: file.split("/")[1] ?? "",
      to: match[2] ?? match[3] ?? "",
      typeOnly: match[1] !== undefined,
    }),
  ),
);

const roomOf = (file: string, to: string): string => new URL(to, `file:///${file}`).pathname.split("/")[2] ?? "";

describe("the house", () => {
  test("every import goes left, to base, or to a leaf", () => {
    const wrong = imports
      .filter(({ to, from }) => to.startsWith(".") && from in rooms)
      .map((each) => ({ ...each, room: roomOf(each.file, each.to) }))
      .filter(({ from, room }) => room !== from && room !== "base" && !rooms[from]?.rooms.includes(room))
      .filter(({ to }) => !to.endsWith("package.json"));
    expect(wrong).toEqual([]);
  });

  test("a package is used in its one room", () => {
    const wrong = imports
      .filter(({ to, from }) => !to.startsWith(".") && !to.startsWith("node:") && from in rooms)
      .filter(({ from, to }) => !rooms[from]?.packages.some((name) => to === name || to.startsWith(`${name}/`)));
    expect(wrong).toEqual([]);
  });

  test("plan and select touch no disk, process or clock", () => {
    const wrong = imports.filter(({ from, to }) => ["plan", "select"].includes(from) && to.startsWith("node:"));
    expect(wrong).toEqual([]);
    const clocks = sources.filter(
      (file) => /src\/(plan|select)\//.test(file) && /Date\.|performance\.|process\./.test(read(file)),
    );
    expect(clocks).toEqual([]);
  });

  test("processes are spawned in two places: by steps, and by the toolchain's own commands", () => {
    const spawning = imports.filter(({ to }) => to === "execa" || to === "node:child_process").map(({ file }) => file);
    expect([...new Set(spawning)]).toEqual(["src/run/child.ts", "src/run/toolchain/command.ts"]);
  });

  test("only cli reads arguments and the environment, and sets the exit code", () => {
    const code = (file: string): string => read(file).replaceAll(/^ *(\/\/|\*|\/\*).*$/gm, "");
    const wrong = sources.filter(
      (file) =>
        !file.startsWith("src/cli/") &&
        /process\.(argv|exitCode|exit\b|on\(|stdin|stdout|stderr)|process\.env/.test(code(file)),
    );
    expect(wrong).toEqual([]);
    expect(sources.filter((file) => /process\.exit\(/.test(read(file)))).toEqual([]);
  });

  test("no file is longer than 400 lines, none is a default export, none is called util or index", () => {
    expect(sources.filter((file) => read(file).split("\n").length > 400)).toEqual([]);
    expect(sources.filter((file) => /^export default/m.test(read(file)))).toEqual([]);
    expect(sources.filter((file) => /util|\/index\.ts$|helpers?/.test(file))).toEqual([]);
  });

  test("nothing is mocked in any test", () => {
    const tests = globSync("test/**/*.ts", { cwd: root }).filter((file) => file !== "test/architecture.test.ts");
    expect(
      tests.filter((file) => /vi\.(mock|doMock|stubGlobal|spyOn)|\b(test|it|describe)\.(only|todo)\b/.test(read(file))),
    ).toEqual([]);
  });
});

describe("the documents", () => {
  const literals = (file: string, name: string): string[] => [
    ...new Set(
      [...read(file).matchAll(new RegExp(`readonly ${name}: "([a-z-]+)"`, "g"))].map(([, value]) => value ?? ""),
    ),
  ];

  test("explain every failure reason", () => {
    const reasons = literals("src/base/failure.ts", "reason");
    expect(reasons.length).toBeGreaterThan(10);
    expect(reasons.filter((reason) => !read("docs/failures.md").includes(`\n## ${reason}\n`))).toEqual([]);
  });

  test("explain every reason for which a step runs", () => {
    const codes = literals("src/base/reason.ts", "code");
    expect(codes.length).toBeGreaterThan(10);
    expect(codes.filter((code) => !read("docs/cache.md").includes(`\`${code}\``))).toEqual([]);
  });

  test("hold the JSON Schema that the code generates", () => {
    expect(read("docs/pipeline.schema.json")).toBe(pipelineJsonSchemaText());
  });

  test("name every command of the program in the README", () => {
    const commands = [...read("src/cli/main.ts").matchAll(/\.command\("([a-z]+)/g)].map(([, name]) => name ?? "");
    expect(commands.length).toBeGreaterThan(6);
    expect(commands.filter((name) => !read("README.md").includes(name))).toEqual([]);
  });
});
