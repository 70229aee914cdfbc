import { existsSync, mkdirSync, readdirSync, rmSync, truncateSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { writeRecord } from "../../src/store/records.ts";
import { verifyStore, type Verification } from "../../src/store/verify.ts";
import { addAction, overwrite } from "./fill.ts";
import { editInPlace, openStore, type Store } from "./folder.ts";

const verify = (store: Store, full = false): Promise<Verification> =>
  verifyStore(store.layout, { full, onProgress: () => undefined });

const said = async (store: Store, full = false): Promise<string[]> =>
  (await verify(store, full)).damages.map(({ what, how, steps }) => `${what} ${how} ${steps.join(",")}`);

describe("verify", () => {
  test("finds nothing in an empty store and in a sound one, and counts what it looked at", async () => {
    const store = openStore();
    expect(await verify(store, true)).toEqual({ records: 0, objects: 0, bytes: 0, hashedBytes: 0, damages: [] });
    addAction(store, "a", "four");
    addAction(store, "b", "four");
    addAction(store, "c", "other");
    expect(await verify(store)).toEqual({ records: 3, objects: 2, bytes: 9, hashedBytes: 0, damages: [] });
    const progress: string[] = [];
    const found = await verifyStore(store.layout, {
      full: true,
      onProgress: (done, all) => progress.push(`${done}/${all}`),
    });
    expect(found.hashedBytes).toBe(9);
    expect(progress.at(-1)).toBe("9/9");
  });

  const damages: [string, (path: string) => void, string[], string[]][] = [
    ["a byte", editInPlace, [], ["object wrong-bytes a,b"]],
    ["the length", (path) => truncateSync(path, 2), ["object wrong-size a,b"], ["object wrong-size a,b"]],
    ["all of it", (path) => rmSync(path), ["object missing a,b"], ["object missing a,b"]],
    [
      "the kind",
      (path) => {
        rmSync(path);
        mkdirSync(path);
      },
      ["object no-file a,b"],
      ["object no-file a,b"],
    ],
  ];
  test.for(damages)(
    "notices that %s of an object changed, moves it away, and finds it once",
    async ([, damage, structural, full]) => {
      for (const [deep, expected] of [
        [false, structural],
        [true, full],
      ] as const) {
        const store = openStore();
        const action = addAction(store, "a", "four");
        addAction(store, "b", "four");
        const path = store.layout.object(action.outputs["output"]!.digest);
        damage(path);
        expect(await said(store, deep)).toEqual(expected);
        if (expected.length === 0) continue;
        expect(existsSync(path)).toBe(false);
        expect(readdirSync(store.layout.quarantined)).toHaveLength(expected[0]!.includes("missing") ? 0 : 1);
        expect(await said(store, deep)).toEqual(["object missing a,b"]);
      }
    },
  );

  test("names a torn record, and moves it away", async () => {
    const store = openStore();
    const action = addAction(store, "a", "four");
    overwrite(store.layout.action(action.key), "torn");
    const found = await verify(store);
    expect(found.damages).toMatchObject([{ what: "record", how: "torn", name: action.key }]);
    expect(existsSync(found.damages[0]!.quarantined!)).toBe(true);
    expect(await said(store)).toEqual([]);
  });

  test("does not miss what is not kept, unless another action keeps it", async () => {
    const store = openStore();
    const { layout } = store;
    const action = addAction(store, "a", "logits");
    const object = action.outputs["output"]!;
    writeRecord(layout, "demo", { ...action, outputs: { output: { ...object, ephemeral: true } } });
    rmSync(layout.object(object.digest));
    expect(await said(store)).toEqual([]);
    addAction(store, "b", "logits");
    rmSync(layout.object(object.digest));
    expect(await said(store)).toEqual(["object missing a,b"]);
  });
});
