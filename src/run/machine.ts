import { readdirSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";
import { fileFailure } from "../base/failure.ts";
import type { RunId } from "../base/ids.ts";
import { makeFolder } from "../store/durable.ts";
import { lockState, type Holder } from "../store/lock-file.ts";
import { sweepLocks } from "../store/lock-sweep.ts";
import { pauseAbout, takeLock, tryLock, type Lock } from "../store/lock.ts";

/** What one run of a tool takes of the machine. */
export interface Demand {
  readonly threads: number;
  /** Main memory, bytes. */
  readonly memory: number;
  /** Accelerators that it computes on, by name. */
  readonly devices: readonly string[];
}

export interface EnterRequest {
  readonly cancel: AbortSignal;
  readonly onWait: (reason: "threads" | "memory" | "gpu", holder: Holder | undefined) => void;
  /** Told when the tool needs more memory than there is, and so runs alone. @param memory of the machine, bytes */
  readonly onAlone: (memory: number) => void;
}

/** Sees to it that the tools of all runs on this machine together do not take more than there is. */
export interface Machine {
  /** Resolves once the tool may run, with what must be called at its end; undefined when the wait was called off. */
  readonly enter: (demand: Demand, request: EnterRequest) => Promise<(() => void) | undefined>;
}

/** Takes no other run into account. */
export const unboundedMachine: Machine = { enter: () => Promise.resolve(() => undefined) };

/**
 * The budgets of this machine, kept as lock files in `folder`: `gpu-<device>` for each accelerator, and for processor
 * threads and memory a ticket for each tool that runs or waits, `threads-<number>-<count>-<MiB>`. Tickets are served in their
 * order: a tool runs when its threads and its memory and those of all earlier tickets fit; one that needs more memory than there
 * is runs alone, since it may have been estimated too high, and a disk to swap to may do. So one that needs all threads is not passed by small ones for
 * ever; the price is that a small one waits behind it although there would be room.
 *
 * Devices come first and threads second, and both are held only while a tool runs: so nobody waits in a circle.
 * @param onTrouble told once when the folder cannot be used; the tools then run without
 */
export const openMachine = (
  folder: string,
  run: RunId,
  onTrouble: (why: string) => void,
  memory = machineMemory(),
): Machine => {
  const budget = { folder, run, cores: availableParallelism(), mebibytes: Math.floor(memory / mebibyte), memory };
  let usable = true;
  const enter: Machine["enter"] = async (demand, request) => {
    if (!usable) return () => undefined;
    try {
      return await enterBudget(budget, demand, request);
    } catch (error) {
      const failure = fileFailure(error, folder, "write to");
      usable = false;
      onTrouble(failure.reason === "file-trouble" ? failure.code : failure.reason);
      return () => undefined;
    }
  };
  return { enter };
};

const mebibyte = 2 ** 20;

/** What a container or the machine has, bytes; where nothing bounds a container, what it says is 0 or beyond all reason. */
const machineMemory = (): number => {
  const bound = process.constrainedMemory();
  return bound > 0 ? Math.min(bound, totalmem()) : totalmem();
};

interface Budget {
  readonly folder: string;
  readonly run: RunId;
  readonly cores: number;
  readonly memory: number;
  readonly mebibytes: number;
}

const enterBudget = async (
  budget: Budget,
  { threads, memory, devices }: Demand,
  request: EnterRequest,
): Promise<(() => void) | undefined> => {
  makeFolder(budget.folder);
  const locks: Lock[] = [];
  const leave = (): void => {
    for (const lock of locks) lock.release();
  };
  try {
    const entered =
      (await takeDevices(budget, devices, request, locks)) &&
      (await takeShare(budget, shareOf(budget, threads, memory), request, locks));
    if (entered && memory > budget.memory) request.onAlone(budget.memory);
    if (entered) return leave;
  } catch (error) {
    leave();
    throw error;
  }
  leave();
  return undefined;
};

/** What a ticket stands for. */
interface TicketShare {
  readonly threads: number;
  readonly mebibytes: number;
}

/** More than there is counts as all of it. */
const shareOf = ({ cores, mebibytes }: Budget, threads: number, memory: number): TicketShare => ({
  threads: Math.min(threads, cores),
  mebibytes: Math.min(Math.ceil(memory / mebibyte), mebibytes),
});

/** In one order for all, so that two tools with two devices each cannot hold one each. */
const takeDevices = async (
  { folder, run }: Budget,
  devices: readonly string[],
  { cancel, onWait }: EnterRequest,
  locks: Lock[],
): Promise<boolean> => {
  for (const device of [...new Set(devices)].sort()) {
    const path = join(folder, `gpu-${device}`);
    const lock = await takeLock(path, { run, cancel, onWait: (holder) => onWait("gpu", holder) });
    if (lock === undefined) return false;
    locks.push(lock);
  }
  return true;
};

const takeShare = async (
  budget: Budget,
  share: TicketShare,
  { cancel, onWait }: EnterRequest,
  locks: Lock[],
): Promise<boolean> => {
  const number = await drawTicket(budget, share, cancel, locks);
  if (number === undefined) return false;
  let told = false;
  while (!cancel.aborted) {
    const earlier = heldTickets(budget.folder).filter((ticket) => ticket.number < number);
    const lacking = lackOf(budget, [share, ...earlier]);
    if (lacking === undefined) return true;
    if (!told) onWait(lacking, earlier[0]?.holder);
    told = true;
    await pauseAbout(100, cancel);
  }
  return false;
};

/** What there is not enough of for all of these at once. */
const lackOf = ({ cores, mebibytes }: Budget, shares: readonly TicketShare[]): "threads" | "memory" | undefined => {
  if (shares.reduce((sum, share) => sum + share.threads, 0) > cores) return "threads";
  return shares.reduce((sum, share) => sum + share.mebibytes, 0) > mebibytes ? "memory" : undefined;
};

/** One process at a time, so that a ticket never appears before one that is served already. */
const drawTicket = async (
  { folder, run }: Budget,
  { threads, mebibytes }: TicketShare,
  cancel: AbortSignal,
  locks: Lock[],
): Promise<number | undefined> => {
  const gate = await takeLock(join(folder, "tickets"), { run, cancel, poll: 20 });
  if (gate === undefined) return undefined;
  try {
    sweepLocks(folder);
    const number = Math.max(0, ...ticketsIn(folder).map((ticket) => ticket.number)) + 1;
    const ticket = tryLock(join(folder, `threads-${number}-${threads}-${mebibytes}`), run);
    if (ticket === undefined) throw new Error(`Internal error: ticket ${number} in ${folder} is taken`);
    locks.push(ticket);
    return number;
  } finally {
    gate.release();
  }
};

interface Ticket extends TicketShare {
  readonly name: string;
  readonly number: number;
}

/** In their order. */
const ticketsIn = (folder: string): Ticket[] =>
  readdirSync(folder)
    .flatMap((name) => {
      // Earlier versions, which may run beside this one, said nothing of memory.
      const [, number, threads, mebibytes = 0] = /^threads-(\d{1,9})-(\d{1,6})(?:-(\d{1,12}))?$/.exec(name) ?? [];
      if (number === undefined) return [];
      return [{ name, number: Number(number), threads: Number(threads), mebibytes: Number(mebibytes) }];
    })
    .sort((a, b) => a.number - b.number);

/** Without those of the dead. */
const heldTickets = (folder: string): (Ticket & { readonly holder: Holder | undefined })[] =>
  ticketsIn(folder).flatMap((ticket) => {
    const seen = lockState(join(folder, ticket.name));
    return seen.state === "held" ? [{ ...ticket, holder: seen.holder }] : [];
  });
