import { ok, type Result } from "../base/result.ts";
import { type FileFlaw, flaw } from "./bytes.ts";
import { type ImatrixEntry, type ImatrixShape, type OpenImatrix, withImatrices } from "./imatrix-reader.ts";
import { writeImatrix } from "./imatrix-writer.ts";

/** A matrix and what it weighs in a mix: its sums and counts are multiplied by `weight / windows`. */
export interface MergePart {
  readonly path: string;
  /** Windows that it stands for in the mix. */
  readonly weight: number;
  /** Windows that it was collected from. */
  readonly windows: number;
}

/** Matrices that count only where the mix is thin: at a weight or expert that fewer than `below` tokens reached. */
export interface FillParts {
  readonly paths: readonly string[];
  readonly below: number;
}

/**
 * Adds up matrices by their weights. Sums are added as doubles and rounded once, so the order of the parts cannot
 * change a float. Counts stay whole, because llama-quantize rounds them when it reads them; where a weighted count is
 * not whole, the sums are scaled with it, so that their ratio, which is all that is used, is exact.
 *
 * A weight that a part lacks gets nothing from it; parts whose shapes differ are of two models, and refused.
 *
 * @throws what node:fs throws on writing
 */
export const mergeImatrices = (
  parts: readonly MergePart[],
  output: string,
  fill: FillParts = { paths: [], below: 0 },
): Result<null, FileFlaw> =>
  withImatrices([...parts.map(({ path }) => path), ...fill.paths], (opened) => {
    const shapes = commonShapes(opened);
    if (!shapes.ok) return shapes;
    const mix: Mix = { parts, opened: opened.slice(0, parts.length), fill: opened.slice(parts.length), ...fill };
    const metadata = {
      datasets: [...new Set(opened.flatMap(({ datasets }) => datasets))],
      chunkCount: parts.reduce((sum, { weight }) => sum + weight, 0),
      chunkSize: opened[0]?.chunkSize ?? 0,
    };
    return writeImatrix(output, metadata, shapes.value, (name) => mixed(mix, name, shapes.value.get(name)));
  });

interface Mix {
  readonly parts: readonly MergePart[];
  readonly opened: readonly OpenImatrix[];
  readonly fill: readonly OpenImatrix[];
  readonly below: number;
}

const commonShapes = (opened: readonly OpenImatrix[]): Result<ReadonlyMap<string, ImatrixShape>, FileFlaw> => {
  const shapes = new Map<string, ImatrixShape>();
  for (const imatrix of opened)
    for (const [name, shape] of imatrix.shapes) {
      const known = shapes.get(name) ?? shape;
      if (known.width !== shape.width || known.matrices !== shape.matrices)
        return flaw(`has ${shape.width} x ${shape.matrices} numbers for ${name}, and another part of the mix has not`);
      shapes.set(name, known);
    }
  return ok(shapes);
};

const mixed = (mix: Mix, name: string, shape: ImatrixShape | undefined): Result<ImatrixEntry, FileFlaw> => {
  if (shape === undefined) throw new Error(`Internal error: no shape of ${name}`);
  const total = new Total(shape);
  for (const [index, imatrix] of mix.opened.entries()) {
    const { weight, windows } = mix.parts[index] ?? { weight: 0, windows: 1 };
    const added = addEntry(imatrix, name, (entry) => total.add(entry, weight, windows));
    if (!added.ok) return added;
  }
  const thin = total.seen.map((tokens) => (tokens < mix.below ? 1 : 0));
  for (const imatrix of mix.fill) {
    const added = addEntry(imatrix, name, (entry) => total.add(entry, 1, 1, thin));
    if (!added.ok) return added;
  }
  return ok(total.entry());
};

const addEntry = (imatrix: OpenImatrix, name: string, add: (entry: ImatrixEntry) => void): Result<null, FileFlaw> => {
  if (!imatrix.shapes.has(name)) return ok(null);
  const entry = imatrix.entry(name);
  if (!entry.ok) return entry;
  add(entry.value);
  return ok(null);
};

/** Sums and counts of one weight, as doubles. */
class Total {
  readonly #shape: ImatrixShape;
  readonly #sums: Float64Array;
  readonly #counts: Float64Array;
  /** Tokens that reached each matrix, unweighted. */
  readonly seen: Float64Array;

  constructor(shape: ImatrixShape) {
    this.#shape = shape;
    this.#sums = new Float64Array(shape.width * shape.matrices);
    this.#counts = new Float64Array(shape.matrices);
    this.seen = new Float64Array(shape.matrices);
  }

  /** @param only matrices that are added, 0 or 1 each; default all */
  add({ width, sums, counts }: ImatrixEntry, weight: number, windows: number, only?: Float64Array): void {
    const all = this.#sums;
    for (let matrix = 0; matrix < counts.length; matrix += 1) {
      if (only?.[matrix] === 0) continue;
      const tokens = counts[matrix] ?? 0;
      this.seen[matrix] = (this.seen[matrix] ?? 0) + tokens;
      this.#counts[matrix] = (this.#counts[matrix] ?? 0) + (tokens * weight) / windows;
      for (let at = matrix * width; at < (matrix + 1) * width; at += 1)
        all[at] = (all[at] ?? 0) + ((sums[at] ?? 0) * weight) / windows;
    }
  }

  entry(): ImatrixEntry {
    const { width, matrices } = this.#shape;
    const [sums, counts] = [new Float32Array(this.#sums.length), new Float32Array(matrices)];
    for (let matrix = 0; matrix < matrices; matrix += 1) {
      const exact = this.#counts[matrix] ?? 0;
      const whole = exact > 0 ? Math.max(1, Math.round(exact)) : 0;
      counts[matrix] = whole;
      const scale = exact > 0 ? whole / exact : 0;
      for (let at = matrix * width; at < (matrix + 1) * width; at += 1) sums[at] = (this.#sums[at] ?? 0) * scale;
    }
    return { width, sums, counts };
  }
}
