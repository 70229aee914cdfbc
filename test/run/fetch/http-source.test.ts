import { expect, test } from "vitest";
import { openClient } from "../../../src/run/fetch/client.ts";
import { httpSource } from "../../../src/run/fetch/http-source.ts";
import { Hub } from "../../rig/hub.ts";
import { smallContent } from "../../rig/hub-files.ts";

/** What a run is called off with: a signal's name, or why. */
test.each<[string, unknown]>([
  ["a signal", "SIGINT"],
  ["a deadline", { reason: "deadline" }],
])("%s ends a read that waits, before and within the answer", async (_, reason) => {
  for (const misdeed of [{ stall: 0 }, { stall: 5 }]) {
    await using hub = await Hub.open();
    hub.plain.set("/text", smallContent("a text of some length"));
    const cancel = new AbortController();
    hub.misbehave = () => {
      setTimeout(() => cancel.abort(reason), 100);
      return misdeed;
    };
    const client = openClient({ environment: {}, stall: 60 });
    const remote = { what: "the text", url: `${hub.url}/text`, size: 21, sha256: null };
    const patience = { stall: 60, tries: 3, first: 1, longest: 10 };
    const source = httpSource(remote, { client, patience, cancel: cancel.signal });
    expect((await source.read(0, 21)).ok).toBe(false);
    expect(source.trouble()).toMatchObject({ reason: "fetch-failed" });
    await client.close();
  }
});
