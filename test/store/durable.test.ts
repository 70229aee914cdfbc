import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeDurably } from "../../src/store/durable.ts";
import { codeOf, folder } from "./folder.ts";

describe("writeDurably", () => {
  test("replaces the old text by the new one and leaves nothing else", () => {
    const path = folder();
    writeDurably(join(path, "a"), "old");
    writeDurably(join(path, "a"), "new ä");
    expect(readFileSync(join(path, "a"), "utf8")).toBe("new ä");
    expect(readdirSync(path)).toEqual(["a"]);
  });

  test("leaves the old text whole when the disk takes only a part of the new one", () => {
    const path = folder();
    const file = join(path, "a");
    writeFileSync(file, "old");
    const source = new URL("../../src/store/durable.ts", import.meta.url).href;
    const script = `import { writeDurably } from ${JSON.stringify(source)};
      try { writeDurably(${JSON.stringify(file)}, "x".repeat(5000)); } catch (error) { console.log(error.code); }`;
    // A limit on the size of files cuts a write short just as a full disk does.
    const limited = `trap "" XFSZ; ulimit -f 1; exec "$0" --input-type=module -e "$1"`;
    const { stdout } = spawnSync("bash", ["-c", limited, process.execPath, script], { encoding: "utf8" });
    expect(stdout).toBe("EFBIG\n");
    expect(readFileSync(file, "utf8")).toBe("old");
    expect(readdirSync(path)).toEqual(["a"]);
  });

  test("leaves no temporary file when the rename is refused", () => {
    const path = folder();
    mkdirSync(join(path, "a"));
    expect(codeOf(() => writeDurably(join(path, "a"), "text"))).toBe("EISDIR");
    expect(readdirSync(path)).toEqual(["a"]);
  });

  test("throws what the system says when the folder is missing", () => {
    expect(codeOf(() => writeDurably(join(folder(), "none", "a"), "text"))).toBe("ENOENT");
  });
});
