import { afterAll } from "vitest";
import { ReplayTools } from "../rig/replay-tools.ts";
import { Rig } from "../rig/rig.ts";
import { killRounds } from "./kill-rounds.ts";
import { rounds } from "./settings.ts";

const rig = new Rig();
const tools = new ReplayTools();
afterAll(() => {
  rig[Symbol.dispose]();
  tools[Symbol.dispose]();
});

killRounds(rig, "quick tools", rounds, ["--llama-cpp", tools.folder]);
