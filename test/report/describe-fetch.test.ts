import { expect, test } from "vitest";
import type { FetchFailed } from "../../src/base/failure.ts";
import { describeFetch } from "../../src/report/describe-fetch.ts";

const problems: Readonly<Record<FetchFailed["problem"], RegExp>> = {
  unreachable: /proxy/,
  busy: /HF_TOKEN/,
  "not-found": /private repository/,
  "not-allowed": /HF_TOKEN/,
  "wrong-content": /Nothing of it is used/,
  "bad-answer": /mirror/,
  offline: /--offline/,
};

test("what could not be fetched, and what to do about it", () => {
  for (const [problem, help] of Object.entries(problems)) {
    const what = "hf:owner/model/model-f16.gguf";
    const failure = {
      reason: "fetch-failed",
      what,
      problem: problem as FetchFailed["problem"],
      why: "is not here",
    } as const;
    expect(describeFetch(failure)).toMatchObject({ headline: `${what} is not here`, details: [] });
    expect(describeFetch(failure).help).toMatch(help);
  }
});
