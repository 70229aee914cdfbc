// State for the seat picker. Pure: no fetches, no timers, no clock.
// The component dispatches, the server replies, and both arrive here as events.

type SeatId = `${string}-${number}`;

type SeatStatus = "free" | "chosen" | "held" | "sold";

export interface SeatMap {
  readonly seats: Readonly<Record<SeatId, SeatStatus>>;
  readonly limit: number;
  readonly notice: string | null;
}

export type SeatEvent =
  | { kind: "toggled"; seat: SeatId }
  | { kind: "holdConfirmed"; seats: SeatId[] }
  | { kind: "holdRefused"; taken: SeatId[] }
  | { kind: "soldElsewhere"; seat: SeatId }
  | { kind: "noticeDismissed" };

export function chosenSeats(map: SeatMap): SeatId[] {
  const ids = Object.keys(map.seats) as SeatId[];
  return ids.filter((id) => map.seats[id] === "chosen").sort(bySeatOrder);
}

export function reduceSeats(map: SeatMap, event: SeatEvent): SeatMap {
  switch (event.kind) {
    case "toggled": {
      const status = map.seats[event.seat];
      if (status === "chosen") return paint(map, [event.seat], "free");
      if (status !== "free") return map;
      if (chosenSeats(map).length >= map.limit) {
        return { ...map, notice: `You can pick up to ${map.limit} seats.` };
      }
      return paint(map, [event.seat], "chosen");
    }

    case "holdConfirmed":
      return paint(map, event.seats, "held");

    case "holdRefused": {
      const plural = event.taken.length === 1 ? "seat is" : "seats are";
      const next = paint(map, event.taken, "sold");
      return { ...next, notice: `${event.taken.length} ${plural} gone.` };
    }

    case "soldElsewhere": {
      const wasOurs = map.seats[event.seat] === "chosen";
      const next = paint(map, [event.seat], "sold");
      return wasOurs ? { ...next, notice: `Seat ${event.seat} was just sold.` } : next;
    }

    case "noticeDismissed":
      return { ...map, notice: null };

    default: {
      // Adding an event without handling it becomes a compile error here.
      const unhandled: never = event;
      return unhandled;
    }
  }
}

function paint(map: SeatMap, ids: SeatId[], status: SeatStatus): SeatMap {
  const seats = { ...map.seats };
  for (const id of ids) {
    if (id in seats) seats[id] = status;
  }
  return { ...map, seats };
}

function bySeatOrder(a: SeatId, b: SeatId): number {
  const [rowA = "", numA = "0"] = a.split("-");
  const [rowB = "", numB = "0"] = b.split("-");
  return rowA.localeCompare(rowB) || Number(numA) - Number(numB);
}
