import { relative } from "node:path";
import { modelLines } from "../report/model-lines.ts";
import { textLines } from "../report/text-lines.ts";
import { seeModel } from "../run/model-outlook.ts";
import { seeTexts } from "../run/text-outlook.ts";
import { fail, stdout } from "./console.ts";
import { load } from "./load.ts";
import { networkEnvironment, type SharedOptions } from "./settings.ts";

/** `pipeline check FILE`: every mistake of a pipeline file and the files it names, at once. */
export const check = async (file: string, options: SharedOptions): Promise<number> => {
  const loaded = await load(file, options);
  if (!loaded.ok) return fail(loaded.error, options.json === true);
  const seen = await seeModel(loaded.value, networkEnvironment(options));
  if (!seen.ok) return fail(seen.error, options.json === true);
  const model = seen.value?.outlook;
  const texts = seeTexts(loaded.value);
  const { name, quantize, validate, corpus } = loaded.value;
  const counts = { types: quantize.types.length, sources: corpus.sources.length, units: validate.units };
  if (options.json === true)
    stdout().write(
      `${JSON.stringify({ ok: true, name, ...counts, ...(model === undefined ? {} : { model }), texts })}\n`,
    );
  else {
    const facts = `${counts.sources} sources, ${counts.types} quants, ${counts.units} units of ${listed(validate.domains)}`;
    stdout().write(`${relative(process.cwd(), loaded.value.file)} is fine: pipeline ${name}, ${facts}\n`);
    for (const line of [...(model === undefined ? [] : modelLines(model)), ...textLines(texts)])
      stdout().write(`${line}\n`);
  }
  return 0;
};

const listed = (names: readonly string[]): string =>
  [names.slice(0, -1).join(", "), names.at(-1)].filter(Boolean).join(" and of ");
