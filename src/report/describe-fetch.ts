import type { FetchFailed } from "../base/failure.ts";
import type { FailureText } from "./describe-failure.ts";
import { formatBytes } from "../base/units.ts";

const help: Readonly<Record<FetchFailed["problem"], string>> = {
  unreachable:
    "Check the network and its proxy (`HTTPS_PROXY`, `NO_PROXY`); the next run goes on with what has arrived.",
  busy: "Run it again later: it goes on with what has arrived. A token (`HF_TOKEN`) is given more requests.",
  "not-found": "Check the name, the file and the revision. A private repository looks the same without a token.",
  "not-allowed":
    "Ask for access on the page of the model, and give a token that may read it: `HF_TOKEN`, or log in with the Hub's own command line.",
  "wrong-content": "Nothing of it is used. Run it again; if that ends the same, what is served is not what is listed.",
  "bad-answer":
    "Something between here and the server may change what it sends: try without the proxy, or another mirror.",
  offline: "Run it once without `--offline` and HF_HUB_OFFLINE, or put the file into the cache of the Hub.",
};

/** What could not be fetched, and how to get it. */
export const describeFetch = ({ what, problem, why, wasted = 0 }: FetchFailed): FailureText => ({
  headline: `${what} ${why}`,
  details: wasted > 0 ? [`${formatBytes(wasted)} arrived in vain`] : [],
  help: help[problem],
});
