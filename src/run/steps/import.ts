import { err, ok, type Result } from "../../base/result.ts";
import { flaw, type FileFlaw } from "../../llama/bytes.ts";
import { beginsAsGguf, checkGguf, type Gguf } from "../../llama/gguf.ts";
import { fromLegacy, readLegacyImatrix, type LegacyImatrix } from "../../llama/imatrix-dat.ts";
import { findMisfit } from "../../llama/imatrix-file.ts";
import { withImatrices, withImatrix, type ImatrixShape } from "../../llama/imatrix-reader.ts";
import { compareImatrices, type Likeness } from "../../llama/imatrix-statistics.ts";
import { writeImatrix } from "../../llama/imatrix-writer.ts";
import type { ImportedMatrix } from "../../select/answer.ts";
import { countsIn, finish, invalid } from "./imatrix-info.ts";
import type { StepContext, StepImplementation } from "./step.ts";

/** Brings a matrix from elsewhere into our own form, if its weights are those of the model. */
export const bring: StepImplementation = { run: (context) => Promise.resolve(take(context)) };

/**
 * Median cosine below which a matrix may be of another model. For one model it was 0.88 or more even between prose and
 * code; for two models of one shape whose weights were drawn apart, 0.66 (docs/imatrix.md).
 */
const leastLikeness = 0.8;

const take = (context: StepContext): Result<null> => {
  const { file } = context.spec.params as unknown as { file: string };
  const model = checkGguf(context.input("model.gguf").path);
  if (!model.ok) return err({ reason: "model-unusable", file: "model.gguf", why: `it ${model.error.why}` });
  const taken = takeAny(context, model.value);
  if (!taken.ok) return err({ reason: "imatrix-unusable", file, why: taken.error.why });
  const counts = countsIn(context, [context.path("imatrix")]);
  const likeness = likenessOf(context);
  if (!counts.ok) return counts;
  if (!likeness.ok) return err(invalid(context, likeness.error.why));
  const { median, least } = likeness.value;
  const imported = { file, ...taken.value, likeness: { median, least }, suspect: median < leastLikeness };
  return finish(context, { counts: counts.value, added: null, imported });
};

type Taken = Pick<ImportedMatrix, "format" | "datasets" | "chunkCount" | "chunkSize">;

/** The older form has no mark of its own: what is no GGUF file is tried as one. */
const takeAny = (context: StepContext, model: Gguf): Result<Taken, FileFlaw> => {
  const { path } = context.input("imported/matrix");
  if (beginsAsGguf(path)) return takeGguf(context, path, model);
  const legacy = readLegacyImatrix(path);
  return legacy.ok ? takeLegacy(context, legacy.value, model) : legacy;
};

const takeGguf = (context: StepContext, path: string, model: Gguf): Result<Taken, FileFlaw> =>
  withImatrix(path, ({ shapes, entry, datasets, chunkCount, chunkSize }) => {
    const misfit = findMisfit({ shapes }, model);
    if (misfit !== undefined) return flaw(misfit);
    const metadata = { datasets, chunkCount, chunkSize };
    const written = writeImatrix(context.path("imatrix"), metadata, shapes, entry);
    return written.ok ? ok({ format: "gguf", ...metadata }) : written;
  });

const takeLegacy = (
  context: StepContext,
  { dataset, chunkCount, entries }: LegacyImatrix,
  model: Gguf,
): Result<Taken, FileFlaw> => {
  const { context: window } = context.spec.params as unknown as { context: number };
  const shapes = legacyShapes(entries, model);
  if (!shapes.ok) return shapes;
  const datasets = dataset === "" ? [] : [dataset];
  const metadata = { datasets, chunkCount, chunkSize: window };
  const written = writeImatrix(context.path("imatrix"), metadata, shapes.value, (name) => {
    const entry = entries.get(name);
    if (entry === undefined) throw new Error(`Internal error: no entry ${name}`);
    return ok(fromLegacy(entry, shapes.value.get(name)?.matrices ?? 1, window));
  });
  return written.ok ? ok({ format: "dat", datasets, chunkCount, chunkSize: null }) : written;
};

/** How many experts a weight has is not in the file, but in the model. */
const legacyShapes = (
  entries: LegacyImatrix["entries"],
  model: Gguf,
): Result<ReadonlyMap<string, ImatrixShape>, FileFlaw> => {
  const weights = new Map(model.tensors.map(({ name, dims }) => [name, dims]));
  const shapes = new Map<string, ImatrixShape>();
  for (const [name, { values, windows }] of entries) {
    const [row, , experts = 1] = weights.get(name) ?? [];
    if (row === undefined) return flaw(`has data for ${name}, which the model does not have`);
    if (values.length !== row && values.length !== row * experts)
      return flaw(`has ${values.length} inputs for ${name}, where the model has ${row * experts}`);
    if (windows === 0) return flaw(`has sums of no tokens for ${name}`);
    shapes.set(name, { width: row, matrices: values.length / row });
  }
  return ok(shapes);
};

const likenessOf = (context: StepContext): Result<Likeness, FileFlaw> =>
  withImatrices([context.path("imatrix"), context.input("probe/matrix").path], ([one, other]) => {
    if (one === undefined || other === undefined) throw new Error("Internal error: two matrices were opened");
    return compareImatrices(one, other);
  });
