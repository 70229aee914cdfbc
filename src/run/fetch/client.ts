import { EnvHttpProxyAgent, request, type Dispatcher } from "undici";

/** Whom a token is for: nobody else gets it. */
export interface Credentials {
  /** Scheme, host and port, as in `https://huggingface.co`. */
  readonly origin: string;
  readonly token: string;
}

export interface ClientOptions {
  /** Where the proxies are named; of it nothing else is read. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly credentials?: Credentials;
  /** Seconds without a byte after which a connection is given up. */
  readonly stall: number;
}

export interface Ask {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** What a server said, or that it said nothing. Header names are in lower case. */
export type Answer =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Dispatcher.ResponseData["body"];
      readonly host: string;
      /** Whether another host than the first one answered. */
      readonly elsewhere: boolean;
      /** SHA-256 by which the first host knows the file; undefined where it does not say. */
      readonly linked: string | undefined;
    }
  | { readonly kind: "none"; readonly why: string; readonly final: boolean };

export interface Client {
  /** GET, redirects followed. @throws nothing that a network can cause */
  readonly get: (ask: Ask) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

const mostRedirects = 8;

/** undici's own client, and not Node's fetch: it knows proxies from the environment, and times out between two bytes. */
export const openClient = ({ environment, credentials, stall }: ClientOptions): Client => {
  if (!hasUsableProxies(environment)) return silentClient;
  const timeouts = { headersTimeout: stall * 1000, bodyTimeout: stall * 1000, connect: { timeout: stall * 1000 } };
  const dispatcher = new EnvHttpProxyAgent({ ...proxies(environment), ...timeouts });
  const hop = (url: URL, { headers, signal }: Ask) =>
    request(url, {
      dispatcher,
      signal,
      headers: {
        "user-agent": "gguf-pipeline",
        "accept-encoding": "identity",
        ...headers,
        ...(credentials?.origin === url.origin ? { authorization: `Bearer ${credentials.token}` } : {}),
      },
    });
  return { get: (ask) => follow(ask, hop), close: () => dispatcher.destroy() };
};

/** A proxy that is passed over in silence may be the only way that is allowed. */
const hasUsableProxies = (environment: ClientOptions["environment"]): boolean => {
  const { httpProxy, httpsProxy } = proxies(environment);
  return [httpProxy, httpsProxy].every((proxy) => proxy === "" || (/^https?:/i.test(proxy) && URL.canParse(proxy)));
};

const silentClient: Client = {
  get: () => Promise.resolve(none("a proxy of the environment is no address such as http://proxy:3128")),
  close: () => Promise.resolve(),
};

/** Always given: else undici would look into the environment of the process itself. */
const proxies = (environment: ClientOptions["environment"]) => {
  const named = (name: string): string => environment[name] ?? environment[name.toUpperCase()] ?? "";
  return { httpProxy: named("http_proxy"), httpsProxy: named("https_proxy"), noProxy: named("no_proxy") };
};

type Hop = (url: URL, ask: Ask) => Promise<Dispatcher.ResponseData>;

const follow = async (ask: Ask, hop: Hop): Promise<Answer> => {
  if (!URL.canParse(ask.url)) return none("its address, or that of the Hub (HF_ENDPOINT), is none");
  const first = new URL(ask.url);
  let [url, linked] = [first, undefined as string | undefined];
  for (let hops = 0; hops <= mostRedirects; hops += 1) {
    const response = await attempt(hop(url, ask), url);
    if ("why" in response) return response;
    const headers = flat(response.headers);
    if (url.origin === first.origin) linked ??= linkedDigest(headers);
    const target = [301, 302, 303, 307, 308].includes(response.statusCode) ? headers["location"] : undefined;
    if (target === undefined) return told(response, headers, { first, url, linked });
    await response.body.dump().catch(() => undefined);
    const next = redirect(target, url);
    if (next === undefined) return none(`${url.host} sends on to an address that is not to be used`);
    url = next;
  }
  return none(`${first.host} sends on from address to address without end`);
};

const told = (
  { statusCode: status, body }: Dispatcher.ResponseData,
  headers: Readonly<Record<string, string>>,
  { first, url, linked }: { readonly first: URL; readonly url: URL; readonly linked: string | undefined },
): Answer => ({
  kind: "answer",
  status,
  headers,
  body,
  host: url.host,
  elsewhere: url.origin !== first.origin,
  linked,
});

const none = (why: string): Extract<Answer, { kind: "none" }> => ({ kind: "none", why, final: true });

/** From https nobody is sent on to http, and nobody to a file. */
const redirect = (target: string, from: URL): URL | undefined => {
  if (!URL.canParse(target, from.href)) return undefined;
  const url = new URL(target, from.href);
  return url.protocol === "https:" || (url.protocol === "http:" && from.protocol === "http:") ? url : undefined;
};

const linkedDigest = (headers: Readonly<Record<string, string>>): string | undefined =>
  /^"?([0-9a-f]{64})"?$/.exec(headers["x-linked-etag"] ?? "")?.[1];

const flat = (headers: Dispatcher.ResponseData["headers"]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? (value[0] ?? "") : value]],
    ),
  );

const attempt = async (
  response: Promise<Dispatcher.ResponseData>,
  { host }: URL,
): Promise<Dispatcher.ResponseData | Extract<Answer, { kind: "none" }>> => {
  try {
    return await response;
  } catch (error) {
    return { kind: "none", ...networkTrouble(error, host) };
  }
};

/** Waiting does not mend a certificate. */
const untrusted = /CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO/;

/** What a connection ended with, in words that hold no address but the host. Anything without a code is a bug. */
export const networkTrouble = (error: unknown, host: string): { readonly why: string; readonly final: boolean } => {
  const proxy = error instanceof Error ? /^Proxy response \((\d+)\)/.exec(error.message)?.[1] : undefined;
  if (proxy !== undefined) return { why: `the proxy on the way to ${host} answers ${proxy}`, final: true };
  const code = codeOf(error);
  if (code === undefined) throw error;
  if (/TIMEOUT/.test(code)) return { why: `${host} gave no sign of life`, final: false };
  return { why: `${host} cannot be reached, or breaks off (${code})`, final: untrusted.test(code) };
};

const codeOf = (error: unknown): string | undefined => {
  // A signal that is aborted throws its reason, which is a word or an object here and never an error.
  if (!(error instanceof Error)) return "ABORTED";
  if (error.name === "AbortError") return "ABORTED";
  // What failed on several addresses of a host has the code of the last.
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" ? code : codeOf(error.cause);
};
