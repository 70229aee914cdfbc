// PUT /blobs/<sha256> : store the body under its own digest.
//
// The body goes to a temporary file while it is being hashed and is renamed
// into place only if the digest agrees, so a reader never sees half a blob
// and a repeated upload is harmless.

import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";
import { pipeline } from "node:stream/promises";

const ROOT = process.env.BLOB_ROOT ?? "./blobs";
const MAX_BYTES = Number(process.env.BLOB_MAX_BYTES ?? 64 * 1024 * 1024);

class TooLarge extends Error {}

async function* metered(req, hash) {
  let seen = 0;
  // Leaving the loop must not destroy the request: its socket carries the 413.
  for await (const chunk of req.iterator({ destroyOnReturn: false })) {
    seen += chunk.length;
    if (seen > MAX_BYTES) throw new TooLarge();
    hash.update(chunk);
    yield chunk;
  }
}

const homeOf = (digest) => path.join(ROOT, digest.slice(0, 2), digest);

async function put(req, digest) {
  const target = homeOf(digest);
  const scratch = path.join(ROOT, `.incoming-${randomUUID()}`);
  const hash = createHash("sha256");
  await mkdir(path.dirname(target), { recursive: true });
  try {
    await pipeline(metered(req, hash), createWriteStream(scratch, { flags: "wx" }));
    if (hash.digest("hex") !== digest) return [422, "digest mismatch"];
    await rename(scratch, target);
    return [201, "stored"];
  } catch (err) {
    if (!(err instanceof TooLarge)) throw err;
    req.resume(); // read the rest, or the client sees a reset instead
    return [413, `limit is ${MAX_BYTES} bytes`];
  } finally {
    await rm(scratch, { force: true });
  }
}

async function get(res, digest) {
  const info = await stat(homeOf(digest)).catch(() => null);
  if (info === null) return [404, "no such blob"];
  res.writeHead(200, {
    "content-length": info.size,
    "content-type": "application/octet-stream",
    "cache-control": "public, max-age=31536000, immutable",
  });
  await pipeline(createReadStream(homeOf(digest)), res);
  return null;
}

export const server = createServer(async (req, res) => {
  const digest = /^\/blobs\/([0-9a-f]{64})$/.exec(req.url)?.[1];
  let reply = [404, "not found"];
  try {
    if (digest && req.method === "PUT") reply = await put(req, digest);
    else if (digest && req.method === "GET") reply = await get(res, digest);
    else if (digest) reply = [405, "use PUT or GET"];
  } catch (err) {
    console.error(req.method, req.url, err);
    reply = [500, "internal error"];
  }
  if (reply && !res.headersSent) res.writeHead(reply[0]).end(`${reply[1]}\n`);
});
