import type { Reference } from "./grammar-marks.ts";

/** Cycles without a common slot, each as the references along it, the first slot of the file first. */
export const referenceCycles = (
  slots: readonly string[],
  references: readonly Reference[],
): readonly (readonly Reference[])[] => {
  const order = new Map(slots.map((slot, index) => [slot, index]));
  let edges: readonly Reference[] = references.filter(({ name, within }) => within !== undefined && order.has(name));
  const found: (readonly Reference[])[] = [];
  for (;;) {
    edges = withoutDeadEnds(edges);
    const start = edges[0];
    if (start === undefined) return found;
    const cycle = cycleFrom(edges, start);
    const members = new Set(cycle.map(({ name }) => name));
    found.push(rotated(cycle, order));
    edges = edges.filter(({ name, within }) => !members.has(name) && !members.has(within ?? ""));
  }
};

/** Drops references to slots that refer to nothing any more, again and again: what stays leads into a cycle. */
const withoutDeadEnds = (edges: readonly Reference[]): readonly Reference[] => {
  let kept = edges;
  for (;;) {
    const sources = new Set(kept.map(({ within }) => within));
    const next = kept.filter(({ name }) => sources.has(name));
    if (next.length === kept.length) return kept;
    kept = next;
  }
};

/** Follows first references until a slot comes up again. */
const cycleFrom = (edges: readonly Reference[], start: Reference): readonly Reference[] => {
  const way: Reference[] = [start];
  for (;;) {
    const last = way.at(-1) ?? start;
    const again = way.findIndex(({ within }) => within === last.name);
    if (again >= 0) return way.slice(again);
    const next = edges.find(({ within }) => within === last.name);
    if (next === undefined) throw new Error(`Internal error: ${last.name} is a dead end`);
    way.push(next);
  }
};

const rotated = (cycle: readonly Reference[], order: ReadonlyMap<string, number>): readonly Reference[] => {
  const place = ({ within }: Reference): number => order.get(within ?? "") ?? 0;
  const least = cycle.reduce((best, edge, index) => (place(edge) < place(cycle[best] ?? edge) ? index : best), 0);
  return [...cycle.slice(least), ...cycle.slice(0, least)];
};
