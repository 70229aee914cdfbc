import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { slice, type Content } from "./hub-files.ts";

/** What a repository of the fake Hub holds. */
export interface Repository {
  readonly files: Readonly<Record<string, Content>>;
  readonly commit: string;
  /** Branches and tags by name, each with its commit; `main` is the commit above. */
  readonly refs?: Readonly<Record<string, string>>;
  readonly license?: string;
  /** What its card says besides. */
  readonly card?: object;
  readonly gated?: "auto" | "manual";
}

/** A request as it came in. */
export interface Seen {
  /** The Hub itself, or the other host to which it sends for large files. */
  readonly at: "hub" | "cdn";
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  /** How many came before to the same place with the same URL. */
  readonly turn: number;
  /** Bytes of a body that were sent. */
  sent: number;
}

/** What the server does wrong with one request. */
export interface Misdeed {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the connection after so many bytes of the body. */
  readonly cut?: number;
  /** Sends no more after so many bytes, and keeps the connection. */
  readonly stall?: number;
  /** Says that the file has so many bytes. */
  readonly size?: number;
  /** Sends other bytes than the file's. */
  readonly wrong?: true;
  /** Answers a request for a range with the whole file. */
  readonly whole?: true;
  readonly etag?: string;
  /** Sends on to such an address. */
  readonly location?: string;
}

/** A Hub on 127.0.0.1 with the parts of its interface that we use; a script says which requests go wrong. */
export class Hub {
  readonly requests: Seen[] = [];
  readonly repositories = new Map<string, Repository>();
  /** Files outside of any repository, by path. */
  readonly plain = new Map<string, Content>();
  /** Asked for each request; undefined lets it be answered well. */
  misbehave: (seen: Seen) => Misdeed | undefined = () => undefined;
  /** The token without which a gated repository gives nothing. */
  token = "hf_canary";
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #turns = new Map<string, number>();
  url = "";
  cdn = "";

  static async open(): Promise<Hub> {
    const hub = new Hub();
    hub.url = await hub.#listen("hub");
    hub.cdn = await hub.#listen("cdn");
    return hub;
  }

  /** Bytes of bodies sent for files, from wherever. */
  sentBytes(): number {
    return this.requests.reduce((sum, { sent }) => sum + sent, 0);
  }

  /** Requests for contents of files, not for what is known of them. */
  downloads(): readonly Seen[] {
    return this.requests.filter(({ at, url }) => at === "cdn" || !url.startsWith("/api/"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  async #listen(at: Seen["at"]): Promise<string> {
    const server = createServer((request, response) => this.#serve(at, request, response));
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  #serve(at: Seen["at"], request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? "/";
    const turn = this.#turns.get(at + url) ?? 0;
    this.#turns.set(at + url, turn + 1);
    const seen: Seen = { at, url, headers: request.headers, turn, sent: 0 };
    this.requests.push(seen);
    const misdeed = this.misbehave(seen) ?? {};
    response.on("error", () => undefined);
    if (misdeed.location !== undefined) return answer(response, 302, { location: misdeed.location });
    if (misdeed.status !== undefined) return answer(response, misdeed.status, misdeed.headers, "no");
    const path = decodeURIComponent(new URL(url, this.url).pathname);
    if (at === "cdn") return this.#large(path, seen, response, misdeed);
    if (path.startsWith("/api/")) return this.#api(path, response);
    return this.#resolve(path, seen, response, misdeed);
  }

  /** `/api/models/OWNER/NAME/revision/REV` and `/api/models/OWNER/NAME/tree/REV`; the same for datasets. */
  #api(path: string, response: ServerResponse): void {
    const [, kind = "", name = "", what, revision = ""] =
      /^\/api\/(models|datasets)\/([^/]+\/[^/]+)\/(revision|tree)\/(.+)$/.exec(path) ?? [];
    const key = kind === "datasets" ? `datasets/${name}` : name;
    const repository = this.repositories.get(key);
    if (repository === undefined)
      return answer(response, 401, { "x-error-code": "RepoNotFound" }, "Invalid username or password.");
    const commit = commitOf(repository, revision);
    if (commit === undefined) return answer(response, 404, { "x-error-code": "RevisionNotFound" }, "Invalid rev id");
    answerJson(response, what === "tree" ? tree(repository) : facts(name, repository, commit));
  }

  /** `/OWNER/NAME/resolve/REV/FILE`: large files lie elsewhere. */
  #resolve(path: string, seen: Seen, response: ServerResponse, misdeed: Misdeed): void {
    const plain = this.plain.get(path);
    if (plain !== undefined) return send(plain, seen, response, misdeed);
    const [, name = "", revision = "", file = ""] =
      /^\/((?:datasets\/)?[^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path) ?? [];
    const repository = this.repositories.get(name);
    const found = repository?.files[file];
    if (repository === undefined || found === undefined)
      return answer(response, 404, { "x-error-code": "EntryNotFound" }, "Entry not found");
    if (repository.gated !== undefined && seen.headers.authorization !== `Bearer ${this.token}`)
      return answer(response, seen.headers.authorization === undefined ? 401 : 403, { "x-error-code": "GatedRepo" });
    const commit = commitOf(repository, revision) ?? "";
    if (found.oid === null) return send(found, seen, response, { etag: `"${found.git}"`, ...misdeed });
    answer(response, 302, {
      location: `${this.cdn}/${name}/${file}?Signature=secret-of-the-cdn`,
      etag: `"${found.oid}"`,
      "x-linked-etag": `"${found.oid}"`,
      "x-linked-size": String(found.size),
      "x-repo-commit": commit,
    });
  }

  #large(path: string, seen: Seen, response: ServerResponse, misdeed: Misdeed): void {
    const [, name = "", file = ""] = /^\/((?:datasets\/)?[^/]+\/[^/]+)\/(.+)$/.exec(path) ?? [];
    const found = this.repositories.get(name)?.files[file];
    if (found === undefined) return answer(response, 404);
    send(found, seen, response, misdeed);
  }
}

const commitOf = ({ commit, refs }: Repository, revision: string): string | undefined => {
  if (["main", "HEAD", commit].includes(revision)) return commit;
  return refs?.[revision] ?? Object.values(refs ?? {}).find((each) => each === revision);
};

const tree = ({ files }: Repository): unknown =>
  Object.entries(files).map(([path, { size, oid, git }]) => ({
    type: "file",
    path,
    size,
    oid: git,
    ...(oid === null ? {} : { lfs: { oid, size, pointerSize: 134 } }),
  }));

const facts = (id: string, { license, gated, card }: Repository, sha: string): unknown => ({
  _id: "1",
  id,
  sha,
  private: false,
  gated: gated ?? false,
  downloads: 0,
  likes: 0,
  lastModified: "2026-01-01T00:00:00.000Z",
  cardData: { ...card, ...(license === undefined ? {} : { license }) },
});

const answer = (
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
  text = "",
): void => {
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(text) });
  response.end(text);
};

const answerJson = (response: ServerResponse, value: unknown): void =>
  answer(response, 200, { "content-type": "application/json" }, JSON.stringify(value));

/** Bytes that are written at once. */
const piece = 256 * 1024;

const send = (file: Content, seen: Seen, response: ServerResponse, misdeed: Misdeed): void => {
  const etag = misdeed.etag ?? `"${(file.oid ?? file.git).slice(0, 32)}"`;
  const { "if-range": ifRange, range: asked } = seen.headers;
  const fresh = typeof ifRange !== "string" || ifRange === etag;
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(asked ?? "") ?? [];
  const size = misdeed.size ?? file.size;
  if (from === undefined || misdeed.whole === true || !fresh) {
    response.writeHead(200, { etag, "content-length": size, ...(misdeed.whole ? {} : { "accept-ranges": "bytes" }) });
    return stream(file, 0, file.size, seen, response, misdeed);
  }
  const [start, end] = [Number(from), Math.min(to === "" ? size : Number(to) + 1, size)];
  if (start >= size) return answer(response, 416, { "content-range": `bytes */${size}` });
  const range = `bytes ${start}-${end - 1}/${size}`;
  response.writeHead(206, { etag, "content-range": range, "content-length": end - start, "accept-ranges": "bytes" });
  stream(file, start, Math.min(end, file.size), seen, response, misdeed);
};

/** A connection that is cut must have given its bytes to the other side first. */
const stream = (
  file: Content,
  start: number,
  end: number,
  seen: Seen,
  response: ServerResponse,
  misdeed: Misdeed,
): void => {
  const stop = Math.min(end, start + (misdeed.cut ?? misdeed.stall ?? Infinity));
  const next = (at: number): void => {
    if (at >= stop) {
      if (misdeed.cut !== undefined) response.socket?.destroySoon();
      else if (misdeed.stall === undefined) response.end();
      return;
    }
    const bytes = slice(file, at, Math.min(stop, at + piece));
    if (misdeed.wrong === true) bytes[0] = (bytes[0] ?? 0) ^ 0xff;
    response.write(bytes, (error) => {
      if (error) return;
      seen.sent += bytes.length;
      next(at + bytes.length);
    });
  };
  if (stop <= start) response.flushHeaders();
  next(start);
};
