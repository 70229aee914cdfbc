import { readFileSync } from "node:fs";
import type { StepContext } from "./step.ts";

/** An input that another step wrote as JSON. The caller names its type: producer and consumer are versioned together. */
export const readJson = (context: StepContext, role: string): unknown =>
  JSON.parse(readFileSync(context.input(role).path, "utf8"));
