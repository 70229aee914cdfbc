import { setImmediate } from "node:timers/promises";

/** How long reading may keep the event loop to itself, milliseconds: a key press or a signal waits no longer. */
const longest = 20;

// One for the whole program, as the event loop is: a hundred thousand small files must not each begin to count anew.
let since = performance.now();

/** Returns control to the event loop, if that has not been done for a while. */
export const breathe = async (): Promise<void> => {
  if (performance.now() - since < longest) return;
  await setImmediate();
  since = performance.now();
};
