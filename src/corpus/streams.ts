import type { Split } from "./document.ts";
import type { Groups } from "./groups.ts";
import type { MeasuredDocument } from "./measured.ts";

/** Documents for packing, one after the other. */
export interface TextStream {
  /** Id of the source. */
  readonly source: string;
  /** The next document for this unit; undefined when there is none, or none that was measured yet. */
  readonly take: (unit: number) => MeasuredDocument | undefined;
  /** The document that must be measured before the stream can go on. */
  readonly starved: () => number | undefined;
}

/** Which side each cluster lies on. A cluster that one split took is closed to the others: leakage by construction impossible. */
export class Sides {
  readonly #sides = new Map<number, Split>();

  of(cluster: number): Split | undefined {
    return this.#sides.get(cluster);
  }

  /** Takes a cluster for a split; false when another has it. */
  claim(cluster: number, split: Split): boolean {
    const side = this.#sides.get(cluster) ?? split;
    this.#sides.set(cluster, side);
    return side === split;
  }
}

/** Measurement of a document, undefined as long as there is none. */
export type Measured = (document: number) => MeasuredDocument | undefined;

export interface GroupStreamOptions {
  readonly source: string;
  readonly groups: Groups;
  readonly split: Split;
  readonly sides: Sides;
  readonly measured: Measured;
  readonly isDropped: (document: number) => boolean;
  /** Units that one group gives text to at most. */
  readonly cap: number;
  /** Tokens after which a unit takes its next text from another group. */
  readonly portion: number;
}

/** Documents of one source group by group, each group in at most `cap` units: units must be as independent as they can be. */
export const groupStream = (options: GroupStreamOptions): TextStream => {
  const { source, groups, split, sides, measured, isDropped, cap, portion } = options;
  let [group, document, units, lastUnit, given] = [0, 0, 0, -1, 0];
  let starved: number | undefined;
  const nextGroup = (): void => {
    group += 1;
    document = 0;
    units = 0;
    lastUnit = -1;
    given = 0;
  };
  const take = (unit: number): MeasuredDocument | undefined => {
    for (;;) {
      const at = groups.at(group);
      if (at === undefined) return undefined;
      const { cluster, documents } = at;
      const next = documents[document];
      const fresh = unit !== lastUnit;
      const satisfied = fresh ? units >= cap : given >= portion;
      if (next === undefined || satisfied || !sides.claim(cluster, split)) {
        nextGroup();
        continue;
      }
      if (isDropped(next)) {
        document += 1;
        continue;
      }
      const found = measured(next);
      if (found === undefined) {
        starved = next;
        return undefined;
      }
      document += 1;
      if (fresh) {
        units += 1;
        given = 0;
      }
      given += found.tokens;
      lastUnit = unit;
      return found;
    }
  };
  return { source, take, starved: () => starved };
};

export interface ListStreamOptions {
  readonly source: string;
  readonly documents: readonly number[];
  readonly clusterOf: (document: number) => number;
  readonly sides: Sides;
  readonly measured: Measured;
}

/** Calibration documents in their order, without those whose cluster another split has. */
export const listStream = ({ source, documents, clusterOf, sides, measured }: ListStreamOptions): TextStream => {
  let next = 0;
  let starved: number | undefined;
  const take = (): MeasuredDocument | undefined => {
    for (; next < documents.length; next += 1) {
      const document = documents[next] ?? -1;
      if (!sides.claim(clusterOf(document), "calibration")) continue;
      const found = measured(document);
      if (found === undefined) starved = document;
      else next += 1;
      return found;
    }
    return undefined;
  };
  return { source, take, starved: () => starved };
};
