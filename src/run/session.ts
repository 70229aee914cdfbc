import type { Emit } from "../base/event.ts";
import type { RunId } from "../base/ids.ts";
import type { Toolchain } from "../base/tool.ts";
import type { Journal } from "../store/journal.ts";
import type { Layout } from "../store/layout.ts";
import type { Memo } from "../store/memo.ts";
import type { Machine } from "./machine.ts";

/** What all steps of one run share. */
export interface Session {
  readonly run: RunId;
  /** The pipeline's name: the store finds the last action of a step by it. */
  readonly pipeline: string;
  readonly layout: Layout;
  readonly memo: Memo;
  readonly journal: Journal;
  readonly toolchain: Toolchain;
  /** Where every tool asks for its share before it starts. */
  readonly machine: Machine;
  readonly emit: Emit;
  /** Aborts with the name of the signal that ended the run. */
  readonly cancel: AbortSignal;
  /** Seconds */
  readonly stall: number;
  /** The environment for tools, complete. */
  readonly toolEnvironment: Readonly<Record<string, string>>;
  /** The user's own environment, for commands that are sources. */
  readonly userEnvironment: Readonly<Record<string, string>>;
}
