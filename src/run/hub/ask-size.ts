import { err, ok, type Result } from "../../base/result.ts";
import { offer } from "../fetch/fill.ts";
import { usualPatience } from "../fetch/patience.ts";
import { fetchFailed } from "../fetch/remote.ts";
import { openHubClient } from "./client.ts";
import { hubSettings } from "./settings.ts";

/** Bytes of a file of the web, as its server says. */
export const askSize = async (
  { what, url }: { readonly what: string; readonly url: string },
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Result<number>> => {
  if (hubSettings(environment).offline)
    return err(fetchFailed({ what }, "offline", "was not fetched yet, and the network must not be used"));
  const client = openHubClient(environment, usualPatience.stall);
  try {
    const remote = { what, url, size: null, sha256: null };
    const signal = new AbortController().signal;
    const offered = await offer({ remote, client, patience: { ...usualPatience, tries: 3 }, signal });
    if (offered.kind === "offer") return ok(offered.size);
    if (offered.kind === "failed") return err(offered.failure);
    throw new Error(`Internal error: an offer that is ${offered.kind}`);
  } finally {
    await client.close();
  }
};
