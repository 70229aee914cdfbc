import type { Event } from "../base/event.ts";
import { unreachable } from "../base/result.ts";
import { systemClock, type Clock } from "./clock.ts";
import { makeJsonView } from "./json.ts";
import type { Output } from "./output.ts";

/** Shows what happens while it happens. */
export interface View {
  readonly handle: (event: Event) => void;
  /** Call on every end of a run, also on failure and interruption: it leaves the terminal as it was. */
  readonly end: () => Promise<void>;
}

/** `live` is for terminals, `plain` for logs and CI, `json` for programs. */
export type ViewKind = "live" | "plain" | "json" | "silent";

/**
 * The view of a kind, which alone is loaded, since the bars of the others take longer to load than a run without work takes
 * to look around. With `live`, a build of llama.cpp before the run has the terminal for itself.
 */
export const makeView = async (kind: ViewKind, output: Output, clock: Clock = systemClock): Promise<View> => {
  switch (kind) {
    case "live":
      return terminalView(output, clock);
    case "plain":
      return (await import("./plain.ts")).makePlainView(output, clock);
    case "json":
      return makeJsonView(output);
    case "silent":
      return { handle: () => undefined, end: () => Promise.resolve() };
    default:
      return unreachable(kind);
  }
};

const terminalView = async (output: Output, clock: Clock): Promise<View> => {
  const [{ makeBuildView }, { makeLiveView }] = await Promise.all([import("./build.ts"), import("./live.ts")]);
  return inTurn(makeBuildView(output), () => makeLiveView(output, clock));
};

/** The second view begins with the run, and only then: two views must not draw on one terminal. */
const inTurn = (first: View, makeSecond: () => View): View => {
  let current = first;
  let before = Promise.resolve();
  return {
    handle: (event) => {
      if (event.type === "run-started" && current === first) {
        before = first.end();
        current = makeSecond();
      }
      current.handle(event);
    },
    end: async () => {
      await before;
      await current.end();
    },
  };
};
