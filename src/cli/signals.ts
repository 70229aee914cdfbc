import { killChildren } from "../run/child.ts";

/**
 * An abort signal that Ctrl-C, TERM and HUP trigger, with the signal's name as its reason. The first asks tools to end
 * and waits; a second one, or one after something else has ended them, kills them at once.
 */
export const cancelOnSignals = (controller = new AbortController()): AbortSignal => {
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) killChildren();
      else controller.abort(name);
    });
  }
  return controller.signal;
};
