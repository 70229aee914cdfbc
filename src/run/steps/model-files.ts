import type { Result } from "../../base/result.ts";
import type { FileFlaw } from "../../llama/bytes.ts";
import type { Gguf } from "../../llama/gguf.ts";
import { checkParts } from "../../llama/parts.ts";
import type { InputFile, StepContext } from "./step.ts";

/** The roles of a model's files, in the order of their numbers: `model.gguf`, or `model-00001-of-00003.gguf` and on. */
export const modelRoles = (roles: Iterable<string>, name = "model"): string[] => {
  const all = [...roles];
  const whole = `${name}.gguf`;
  return all.includes(whole) ? [whole] : all.filter((role) => isPart(role, name)).sort();
};

const isPart = (role: string, name: string): boolean =>
  role.startsWith(`${name}-`) && /^\d{5}-of-\d{5}\.gguf$/.test(role.slice(name.length + 1));

const filesOf = ({ spec, inputs }: StepContext): InputFile[] =>
  modelRoles(inputs.keys()).map((role) => {
    const file = inputs.get(role);
    if (file === undefined) throw new Error(`Internal error: ${spec.id} has no ${role}`);
    return file;
  });

/** What a tool is told as the model: of several files the first, from which it finds the others. */
export const modelName = ({ spec, inputs }: StepContext, name = "model"): string => {
  const [first] = modelRoles(inputs.keys(), name);
  if (first === undefined) throw new Error(`Internal error: ${spec.id} has no model`);
  return first;
};

/** The first of the model's files: what people know the model by. */
export const modelPath = (context: StepContext): string => context.input(modelName(context)).path;

/** Bytes of all its files. */
export const modelSize = (context: StepContext): number => filesOf(context).reduce((sum, { size }) => sum + size, 0);

export const modelParts = (context: StepContext): readonly InputFile[] => filesOf(context);

/** The header of the whole model, whose files are all there. */
export const checkModel = (context: StepContext): Result<Gguf, FileFlaw> =>
  checkParts(filesOf(context).map(({ path }) => path));
