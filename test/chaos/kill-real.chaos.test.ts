import { afterAll } from "vitest";
import { Rig } from "../rig/rig.ts";
import { killRounds } from "./kill-rounds.ts";
import { realRounds } from "./settings.ts";

const rig = new Rig();
afterAll(() => rig[Symbol.dispose]());

killRounds(rig, "real tools", realRounds, []);
