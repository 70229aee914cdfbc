// Loaded with `node --import`: ends the process at a named point of the store, at its n-th passing there.
import { subscribe } from "node:diagnostics_channel";

const [name, nth = "1"] = (process.env["PIPELINE_TEST_KILL_AT"] ?? "").split("#");
let passed = 0;
subscribe("pipeline:store", (point) => {
  if ((point as { readonly name: string }).name !== name) return;
  passed += 1;
  if (passed === Number(nth)) process.kill(process.pid, "SIGKILL");
});
