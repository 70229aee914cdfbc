import { openClient, type Client } from "../fetch/client.ts";
import { hubSettings, hubToken } from "./settings.ts";

/** A client that gives the token to the Hub, and to no other host. */
export const openHubClient = (environment: Readonly<Record<string, string | undefined>>, stall: number): Client => {
  const { endpoint } = hubSettings(environment);
  const token = hubToken(environment);
  const credentials =
    token === undefined || !URL.canParse(endpoint) ? {} : { credentials: { origin: new URL(endpoint).origin, token } };
  return openClient({ environment, stall, ...credentials });
};
