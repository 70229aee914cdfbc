import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/** The Hub as the environment describes it, by the names that its own tools use. */
export interface HubSettings {
  /** Scheme and host, without a slash at the end. */
  readonly endpoint: string;
  /** Absolute folder in which all tools of the Hub keep what they have fetched. */
  readonly cache: string;
  /** Nothing is asked of any server. */
  readonly offline: boolean;
}

const publicHub = "https://huggingface.co";

export const hubSettings = (environment: Environment): HubSettings => ({
  endpoint: endpointOf(environment),
  cache: resolve(named(environment, "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE") ?? join(home(environment), "hub")),
  offline: isSet(environment, "HF_HUB_OFFLINE"),
});

/** A mirror that is no address is passed over as the Hub's own tools do: they fail at the first request. */
const endpointOf = (environment: Environment): string => {
  const mirror = named(environment, "HF_ENDPOINT");
  return mirror === undefined ? publicHub : mirror.replace(/\/+$/, "");
};

/** Folder of the Hub's own tools. */
const home = (environment: Environment): string => {
  const user = named(environment, "HOME") ?? homedir();
  return (
    named(environment, "HF_HOME") ?? join(named(environment, "XDG_CACHE_HOME") ?? join(user, ".cache"), "huggingface")
  );
};

/**
 * The token, for one client and for nobody else: it is looked up where it is used and kept in no settings, sessions or plans, so
 * that nothing that is written down can hold it. Undefined where there is none, or where none is to be sent by itself.
 */
export const hubToken = (environment: Environment): string | undefined => {
  const given = named(environment, "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN");
  if (given !== undefined) return clean(given);
  if (isSet(environment, "HF_HUB_DISABLE_IMPLICIT_TOKEN")) return undefined;
  return clean(readOrEmpty(named(environment, "HF_TOKEN_PATH") ?? join(home(environment), "token")));
};

/** What cannot stand in a header is no token. */
const clean = (text: string): string | undefined => {
  const token = text.trim();
  return /^[\u0021-\u007e]+$/.test(token) ? token : undefined;
};

const readOrEmpty = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
};

const named = (environment: Environment, ...names: readonly string[]): string | undefined =>
  names.map((name) => environment[name]).find((value) => value !== undefined && value !== "");

/** As the Hub's own tools read a switch. */
const isSet = (environment: Environment, name: string): boolean =>
  ["1", "true", "yes", "on"].includes((environment[name] ?? "").toLowerCase());
