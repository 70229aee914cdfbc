import { deltaCells, kldCells, oddCells, sizes, wildCells, type ErrorCell } from "./cells.ts";
import type { CostCell, CostCount } from "./count-cost.ts";
import type { ErrorCount } from "./count-errors.ts";
import type { PowerCell, PowerCount } from "./count-power.ts";
import type { Cell, Count } from "./job.ts";
import type { Planned } from "./pool.ts";
import { readRecording, recordedCells, type RecordedCell, type RecordedCount } from "./recorded.ts";
import type { Counted } from "./tables.ts";

/** Everything that is counted, by what it is about. */
export interface Results {
  /** All cells that have a bound: the next three, one after the other. */
  readonly errors: Counted<ErrorCell, ErrorCount>;
  readonly delta: Counted<ErrorCell, ErrorCount>;
  readonly kld: Counted<ErrorCell, ErrorCount>;
  readonly odd: Counted<ErrorCell, ErrorCount>;
  readonly wild: Counted<ErrorCell, ErrorCount>;
  readonly costs: Counted<CostCell, CostCount>;
  readonly powers: Counted<PowerCell, PowerCount>;
  readonly recorded: Counted<RecordedCell, RecordedCount>;
  /** Types of the recording, from the largest to the smallest. */
  readonly types: readonly string[];
}

/** Documents of real text differ by about this much. */
const usual = { noise: "gamma", cv: 0.5 } as const;

const costCells: readonly CostCell[] = [0.01, 0.02, 0.03, 0.05].flatMap((rise) =>
  (["ladder", "decisive"] as const).map((mode): CostCell => ({
    kind: "cost",
    ...usual,
    mode,
    rise,
    units: 128,
    alpha: 0.05,
  })),
);

export const powerRises = [0.005, 0.01, 0.03] as const;
const powerCells: readonly PowerCell[] = powerRises.flatMap((rise) =>
  [0, 0.25, 0.5, 0.7, 0.8, 0.9, 0.95].flatMap((ratio) =>
    sizes.map((units): PowerCell => ({ kind: "power", ...usual, rise, ratio, units, alpha: 0.05 })),
  ),
);

/**
 * What is counted, and how the counts are told apart again.
 * @param runs of the worst cells: those whose documents differ most
 * @param file recorded units; null where there are none
 */
export const planOf = (
  runs: number,
  file: string | null,
): { all: readonly Planned[]; sort: (counts: readonly Count[]) => Results } => {
  const few = Math.ceil(runs / 5);
  const recorded = file === null ? [] : recordedCells(file, 0.05);
  const all: Planned[] = [
    ...[...deltaCells, ...kldCells, ...oddCells, ...wildCells].map((cell) => ({
      cell,
      runs: cell.cv < 1 ? few : runs,
    })),
    ...[...costCells, ...powerCells].map((cell) => ({ cell, runs: few })),
    ...recorded.map((cell) => ({ cell, runs })),
  ];
  const sort = (counts: readonly Count[]): Results => {
    const of = <C extends Cell, N extends Count>(cells: readonly C[]): Counted<C, N> =>
      cells.map((cell) => ({ cell, count: counts[all.findIndex((each) => each.cell === cell)] as N }));
    const [delta, kld, odd] = [deltaCells, kldCells, oddCells].map((cells) => of<ErrorCell, ErrorCount>(cells));
    return {
      errors: [...delta!, ...kld!, ...odd!],
      delta: delta!,
      kld: kld!,
      odd: odd!,
      wild: of(wildCells),
      costs: of(costCells),
      powers: of(powerCells),
      recorded: of(recorded),
      types: file === null ? [] : readRecording(file).candidates.map(({ type }) => type),
    };
  };
  return { all, sort };
};
