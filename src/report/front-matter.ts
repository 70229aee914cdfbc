import type { Answer } from "../select/answer.ts";
import { hubLicences } from "./hub-licences.ts";
import { safe } from "./safe.ts";

/**
 * The head of a model card as the Hugging Face Hub reads it: YAML between two lines of dashes. What is not known is left
 * out. Every text is quoted as JSON is, which YAML takes in all its versions: a bare `no` would be a flag in some.
 */
export const formatFrontMatter = (answer: Answer): string => {
  const entries = Object.entries(describe(answer)).filter(([, value]) => value !== undefined && value.length > 0);
  return ["---", ...entries.map(([key, value]) => `${key}: ${yaml(value ?? "")}`), "---"].join("\n");
};

type Value = string | readonly string[] | undefined;

const describe = (answer: Answer): Readonly<Record<string, Value>> => {
  const { card, model } = answer;
  const base = card.baseModel ?? hubRepository(model.stated.repository);
  return {
    ...licence(answer),
    base_model: base,
    base_model_relation: base === undefined ? undefined : "quantized",
    quantized_by: card.quantizedBy ?? undefined,
    language: model.stated.languages.filter((code) => /^[a-z]{2,3}$/.test(code)),
    library_name: "gguf",
    pipeline_tag: "text-generation",
    tags: [...new Set(["gguf", "llama.cpp", "quantized", "imatrix", ...card.tags, ...model.stated.tags])],
  };
};

/** As the Hub wants it: one of its own names, or `other` with the name that people use. */
const licence = ({ card, model: { stated } }: Answer): Readonly<Record<string, Value>> => {
  const given = licenceOf({ card, stated });
  if (given === undefined) return {};
  const id = given.toLowerCase();
  const link = card.license === null && /^https?:\/\//.test(stated.licenseLink ?? "") ? stated.licenseLink : undefined;
  if (hubLicences.has(id) && id !== "other") return { license: id };
  const name = id === "other" ? (stated.licenseName ?? undefined) : given;
  return { license: "other", license_name: name, license_link: link ?? undefined };
};

/** The licence of the model by whatever name is known. */
export const licenceOf = ({
  card,
  stated,
}: {
  readonly card: Pick<Answer["card"], "license">;
  readonly stated: Pick<Answer["model"]["stated"], "license">;
}): string | undefined => card.license ?? stated.license ?? undefined;

/** `owner/name` from an address of the Hub; of any other place the Hub knows nothing. */
export const hubRepository = (address: string | null): string | undefined =>
  /^https:\/\/huggingface\.co\/([A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*?)\/?$/.exec(address ?? "")?.[1];

const yaml = (value: NonNullable<Value>): string =>
  typeof value === "string" ? quoted(value) : `[${value.map(quoted).join(", ")}]`;

const quoted = (text: string): string => JSON.stringify(safe(text));
