import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { FetchFailed } from "../../../src/base/failure.ts";
import { digest, stepId } from "../../../src/base/ids.ts";
import { openClient } from "../../../src/run/fetch/client.ts";
import { download, type Transfer } from "../../../src/run/fetch/download.ts";
import type { Remote } from "../../../src/run/fetch/remote.ts";
import { openMemo } from "../../../src/store/memo.ts";
import { Hub, type Misdeed, type Seen } from "../../rig/hub.ts";
import { content } from "../../rig/hub-files.ts";
import { folder } from "../../store/folder.ts";

const piece = 256 * 1024;
const bytes = randomBytes(10 * piece + 1234);
const sha256 = digest(createHash("sha256").update(bytes).digest("hex"));
const commit = "c".repeat(40);

let place: string;
beforeEach(() => {
  place = folder();
});

interface Setting {
  readonly misbehave?: (seen: Seen) => Misdeed | undefined;
  readonly remote?: Partial<Remote>;
  readonly transfer?: Partial<Transfer>;
  readonly token?: string;
  readonly file?: Buffer;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Serves one file, and fetches it once. */
const fetchFrom = async (hub: Hub, setting: Setting = {}) => {
  const { misbehave, remote, transfer, token, file = bytes, environment = {} } = setting;
  hub.repositories.set("owner/model", { commit, files: { "model.gguf": content(file) } });
  hub.misbehave = misbehave ?? (() => undefined);
  const credentials = token === undefined ? {} : { credentials: { origin: hub.url, token } };
  const client = openClient({ environment, stall: 1, ...credentials });
  const target = join(place, "blobs", "model");
  const ended = await download(
    {
      what: "hf:owner/model/model.gguf",
      url: `${hub.url}/owner/model/resolve/${commit}/model.gguf`,
      size: file.length,
      sha256: digest(createHash("sha256").update(file).digest("hex")),
      ...remote,
    },
    { target, lock: join(place, ".locks", "model.lock") },
    {
      client,
      memo: openMemo(join(place, "memo")),
      cancel: new AbortController().signal,
      run: "run",
      step: stepId("fetch"),
      piece,
      patience: { stall: 1, tries: 4, first: 1, longest: 2000 },
      ...transfer,
    },
  );
  await client.close();
  return { ended, target };
};

const value = (ended: Awaited<ReturnType<typeof download>>) => {
  if (!ended.ok) throw new Error(JSON.stringify(ended.error));
  return ended.value;
};

const failure = (ended: Awaited<ReturnType<typeof download>>): FetchFailed => {
  if (ended.ok || ended.error.reason !== "fetch-failed") throw new Error(JSON.stringify(ended));
  return ended.error;
};

const blobs = (): string[] => readdirSync(join(place, "blobs")).sort();

/** The first `times` requests for pieces at the other host. */
const early =
  (misdeed: Misdeed, times = 1) =>
  ({ at, headers, turn }: Seen): Misdeed | undefined =>
    at === "cdn" && headers.range !== "bytes=0-0" && turn <= times ? misdeed : undefined;

describe("a file that is served well", () => {
  test("comes in pieces, whole, once, and leaves nothing beside it", async () => {
    await using hub = await Hub.open();
    const { ended, target } = await fetchFrom(hub);
    expect(value(ended)).toEqual({ digest: sha256, bytes: bytes.length, received: bytes.length, wasted: 0 });
    expect(readFileSync(target).equals(bytes)).toBe(true);
    expect(blobs()).toEqual(["model"]);
    const ranges = new Set(hub.requests.filter(({ at }) => at === "cdn").map(({ headers }) => headers.range));
    expect(ranges.size).toBe(12);
    expect(hub.requests.length).toBe(24);
  });

  test("is not asked for again", async () => {
    await using hub = await Hub.open();
    await fetchFrom(hub);
    hub.requests.length = 0;
    const { ended } = await fetchFrom(hub);
    expect(value(ended)).toMatchObject({ digest: sha256, received: 0 });
    expect(hub.requests).toEqual([]);
  });

  test("leaves the parts of the Hub's own tools alone", async () => {
    await using hub = await Hub.open();
    mkdirSync(join(place, "blobs"), { recursive: true });
    writeFileSync(join(place, "blobs", "model.1a2b3c4d.incomplete"), "theirs");
    value((await fetchFrom(hub)).ended);
    expect(blobs()).toEqual(["model", "model.1a2b3c4d.incomplete"]);
  });

  test("may be taken away by each of two who want it", async () => {
    await using hub = await Hub.open();
    const taken: string[] = [];
    const take = (name: string) => ({
      takesAway: true,
      place: () => {
        renameSync(join(place, "blobs", "model"), join(place, name));
        taken.push(name);
      },
    });
    const both = await Promise.all(["a", "b"].map((name) => fetchFrom(hub, { transfer: take(name) })));
    for (const { ended } of both) expect(value(ended).digest).toBe(sha256);
    expect(taken.sort().map((name) => readFileSync(join(place, name)).equals(bytes))).toEqual([true, true]);
  });

  test("is fetched once by two at the same time", async () => {
    await using hub = await Hub.open();
    const waited: unknown[] = [];
    const both = await Promise.all(
      [1, 2].map(() => fetchFrom(hub, { transfer: { onWait: (holder) => waited.push(holder) } })),
    );
    expect(both.map(({ ended }) => value(ended).received).sort((a, b) => a - b)).toEqual([0, bytes.length]);
    expect(waited.length).toBe(1);
  });

  test("may be empty, or of one byte", async () => {
    for (const file of [Buffer.alloc(0), Buffer.from("x")]) {
      place = folder();
      await using hub = await Hub.open();
      const { ended, target } = await fetchFrom(hub, { file });
      expect(value(ended).bytes).toBe(file.length);
      expect(readFileSync(target).equals(file)).toBe(true);
    }
  });

  test("tells how far it is", async () => {
    await using hub = await Hub.open();
    const told: number[][] = [];
    await fetchFrom(hub, { transfer: { onProgress: (...progress) => told.push(progress) } });
    expect(told.at(-1)).toEqual([bytes.length, bytes.length]);
    expect(told.every(([done = -1], index) => done >= (told[index - 1]?.[0] ?? 0))).toBe(true);
  });
});

describe("a server that misbehaves and recovers", () => {
  test("cuts: what has arrived does not come again", async () => {
    await using hub = await Hub.open();
    const { ended } = await fetchFrom(hub, { misbehave: early({ cut: 100_000 }, 2) });
    expect(value(ended)).toMatchObject({ digest: sha256, wasted: 0, received: bytes.length });
    const resumed = hub.requests.filter(({ at, headers }) => at === "cdn" && headers["if-range"] !== undefined);
    expect(resumed.some(({ headers }) => !/=(\d+)-/.test(headers.range ?? "") || offset(headers) % piece !== 0)).toBe(
      true,
    );
  });

  test.each([
    ["has no time", { status: 503 }],
    ["counts requests", { status: 429, headers: { "retry-after": "0" } }],
    ["stalls", { stall: 50_000 }],
    ["breaks off at once", { cut: 0 }],
    ["has let its signature expire", { status: 403 }],
  ])("%s", async (_, misdeed: Misdeed) => {
    await using hub = await Hub.open();
    const { ended } = await fetchFrom(hub, { misbehave: early(misdeed) });
    expect(value(ended)).toMatchObject({ digest: sha256, wasted: 0 });
  });

  test("sends wrong bytes once: all comes again, and is counted", async () => {
    await using hub = await Hub.open();
    let wrong = 1;
    const misbehave = (seen: Seen): Misdeed | undefined =>
      seen.at === "cdn" && offset(seen.headers) > 0 && wrong-- > 0 ? { wrong: true } : undefined;
    const { ended } = await fetchFrom(hub, { misbehave });
    expect(value(ended)).toMatchObject({ digest: sha256, wasted: bytes.length, received: 2 * bytes.length });
  });

  test("has another tag half-way: it begins again, and counts what was in vain", async () => {
    await using hub = await Hub.open();
    let pieces = 0;
    const misbehave = ({ at, headers }: Seen): Misdeed | undefined => {
      if (at !== "cdn") return undefined;
      if (headers.range !== "bytes=0-0") pieces += 1;
      return pieces > 5 ? { etag: '"new"' } : { etag: '"old"' };
    };
    const { ended } = await fetchFrom(hub, { misbehave });
    expect(value(ended).digest).toBe(sha256);
    expect(value(ended).wasted).toBeGreaterThan(piece);
  });

  test("has no ranges at all: it comes as a whole, and again after a cut", async () => {
    await using hub = await Hub.open();
    const misbehave = ({ at, turn }: Seen): Misdeed | undefined =>
      at === "cdn" ? { whole: true, ...(turn === 1 ? { cut: 300_000 } : {}) } : undefined;
    const { ended } = await fetchFrom(hub, { misbehave });
    expect(value(ended).digest).toBe(sha256);
    expect(value(ended).wasted).toBeGreaterThan(0);
    expect(value(ended).wasted).toBeLessThanOrEqual(300_000);
  });

  test("answers a range with the whole in the middle of it", async () => {
    await using hub = await Hub.open();
    const { ended } = await fetchFrom(hub, {
      misbehave: (seen) => (offset(seen.headers) > 5 * piece ? { whole: true } : undefined),
    });
    expect(value(ended).digest).toBe(sha256);
  });
});

describe("a server that goes on misbehaving ends in one message, and nothing is in its place", () => {
  test.each<[string, Misdeed, Partial<FetchFailed>]>([
    ["cut", { cut: 10 }, { problem: "unreachable", why: expect.stringContaining("breaks off") as string }],
    ["stall", { stall: 0 }, { problem: "unreachable", why: expect.stringContaining("no sign of life") as string }],
    ["busy", { status: 503 }, { problem: "busy", why: expect.stringContaining("answers 503") as string }],
    [
      "asks for patience that nobody has",
      { status: 429, headers: { "retry-after": "3600" } },
      { problem: "busy", why: expect.stringContaining("asks to wait for 3600 s") as string },
    ],
    ["gone", { status: 410 }, { problem: "unreachable" }],
    ["wrong bytes", { wrong: true }, { problem: "wrong-content", wasted: 2 * bytes.length }],
    [
      "other size",
      { size: bytes.length - 5 },
      { problem: "wrong-content", why: `has ${bytes.length - 5} bytes at its server, not ${bytes.length}` },
    ],
    ["compressed", { status: 200, headers: { "content-encoding": "gzip" } }, { problem: "bad-answer" }],
    [
      "endless redirects",
      { location: "/owner/model/model.gguf" },
      { problem: "bad-answer", why: expect.stringContaining("without end") as string },
    ],
    ["a file of this machine", { location: "file:///etc/passwd" }, { problem: "bad-answer" }],
    ["an address that is none", { location: "http://[" }, { problem: "bad-answer" }],
  ])("%s", async (_, misdeed, expected) => {
    await using hub = await Hub.open();
    const { ended } = await fetchFrom(hub, { misbehave: ({ at }) => (at === "cdn" ? misdeed : undefined) });
    expect(failure(ended)).toMatchObject({ what: "hf:owner/model/model.gguf", ...expected });
    expect(JSON.stringify(ended)).not.toContain("secret-of-the-cdn");
    expect(blobs()).not.toContain("model");
  });

  test.each<[number, FetchFailed["problem"]]>([
    [401, "not-allowed"],
    [403, "not-allowed"],
    [404, "not-found"],
    [418, "bad-answer"],
  ])("the Hub itself answers %i", async (status, problem) => {
    await using hub = await Hub.open();
    const { ended } = await fetchFrom(hub, { misbehave: () => ({ status }) });
    expect(failure(ended).problem).toBe(problem);
    expect(hub.requests.length).toBe(1);
  });

  test("the Hub knows the file by another digest than we do: not a byte of it is fetched", async () => {
    await using hub = await Hub.open();
    const { ended } = await fetchFrom(hub, { remote: { sha256: digest("0".repeat(64)) } });
    expect(failure(ended)).toMatchObject({ problem: "wrong-content", why: expect.stringContaining(sha256) as string });
    expect(hub.sentBytes()).toBeLessThan(2);
  });

  test("nobody is there", async () => {
    const hub = await Hub.open();
    await hub[Symbol.asyncDispose]();
    const { ended } = await fetchFrom(hub);
    expect(failure(ended)).toMatchObject({
      problem: "unreachable",
      why: expect.stringContaining("ECONNREFUSED") as string,
    });
  });
});

describe("what an earlier try has left", () => {
  test("is gone on with: no byte comes twice", async () => {
    await using hub = await Hub.open();
    const dead = ({ at, headers }: Seen): Misdeed | undefined =>
      at === "cdn" && offset(headers) >= 4 * piece ? { status: 503 } : undefined;
    const first = await fetchFrom(hub, { misbehave: dead });
    expect(failure(first.ended).problem).toBe("busy");
    expect(blobs().filter((name) => name.endsWith(".incomplete")).length).toBe(1);
    const second = value((await fetchFrom(hub)).ended);
    expect(second).toMatchObject({ digest: sha256, wasted: 0 });
    expect(second.received).toBe(bytes.length - 4 * piece);
    expect(blobs()).toEqual(["model"]);
  });

  test("is fetched again where it was spoiled since", async () => {
    await using hub = await Hub.open();
    const dead = ({ at, headers }: Seen): Misdeed | undefined =>
      at === "cdn" && offset(headers) >= 4 * piece ? { status: 503 } : undefined;
    await fetchFrom(hub, { misbehave: dead });
    const part = join(place, "blobs", blobs().find((name) => name.endsWith(".incomplete")) ?? "");
    writeFileSync(part, randomBytes(4 * piece));
    expect(value((await fetchFrom(hub)).ended)).toMatchObject({ digest: sha256, wasted: bytes.length });
  });

  test.each(["", "{}", "null", '{"schema":1,"size":-1}', "\0\0"])("begins anew where its note is %j", async (note) => {
    await using hub = await Hub.open();
    await fetchFrom(hub, { misbehave: early({ status: 503 }, 99) });
    for (const name of blobs().filter((each) => each.endsWith(".json")))
      writeFileSync(join(place, "blobs", name), note);
    expect(value((await fetchFrom(hub)).ended).digest).toBe(sha256);
    expect(blobs()).toEqual(["model"]);
  });

  test("a damaged file in the place is replaced", async () => {
    await using hub = await Hub.open();
    const { target } = await fetchFrom(hub);
    writeFileSync(target, randomBytes(bytes.length));
    expect(value((await fetchFrom(hub)).ended)).toMatchObject({ digest: sha256, received: bytes.length });
    expect(readFileSync(target).equals(bytes)).toBe(true);
  });
});

describe("an end from outside", () => {
  test("keeps what has arrived", async () => {
    await using hub = await Hub.open();
    const controller = new AbortController();
    const stalling = ({ at, headers }: Seen): Misdeed | undefined => {
      if (at !== "cdn" || offset(headers) < 4 * piece) return undefined;
      controller.abort("SIGTERM");
      return { stall: 10 };
    };
    const { ended } = await fetchFrom(hub, { misbehave: stalling, transfer: { cancel: controller.signal } });
    expect(ended).toEqual({ ok: false, error: { reason: "interrupted", signal: "SIGTERM" } });
    expect(blobs()).not.toContain("model");
    expect(value((await fetchFrom(hub)).ended).received).toBeLessThan(bytes.length);
  });
});

test("a token goes to the Hub, and to nobody that it sends on to", async () => {
  await using hub = await Hub.open();
  await fetchFrom(hub, { token: "hf_canary" });
  const withToken = hub.requests.filter(({ headers }) => JSON.stringify(headers).includes("hf_canary"));
  expect(withToken.length).toBe(12);
  expect(withToken.every(({ at }) => at === "hub")).toBe(true);
});

describe("a proxy of the environment", () => {
  test("is asked, unless the host is left out of it", async () => {
    await using hub = await Hub.open();
    const seen: string[] = [];
    const proxy = createServer((request, response) => {
      seen.push(request.url ?? "");
      response.writeHead(503).end();
    }).on("connect", (request, socket) => {
      seen.push(request.url ?? "");
      socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const through = await fetchFrom(hub, { environment: { HTTP_PROXY: address } });
    expect(through.ended.ok).toBe(false);
    expect(seen.length).toBeGreaterThan(0);
    expect(hub.requests).toEqual([]);
    const past = await fetchFrom(hub, { environment: { HTTP_PROXY: address, NO_PROXY: "127.0.0.1" } });
    expect(value(past.ended).digest).toBe(sha256);
    proxy.close();
  });

  test("that is no address is said to be none", async () => {
    await using hub = await Hub.open();
    const { ended } = await fetchFrom(hub, { environment: { https_proxy: "proxy:3128" } });
    expect(failure(ended).why).toContain("no address such as http://proxy:3128");
    expect(hub.requests).toEqual([]);
  });
});

const offset = (headers: Seen["headers"]): number => Number(/^bytes=(\d+)/.exec(headers.range ?? "")?.[1] ?? 0);
