import { textsValue, textValue } from "../../llama/gguf-value.ts";
import type { Gguf } from "../../llama/gguf.ts";
import type { StatedFacts } from "../../select/answer.ts";

/** A header may hold megabytes under any key; what a card has room for is less. */
const most = { characters: 500, items: 100 };

/** What a model's header says of its licence and where it comes from, as the converters of llama.cpp write it. */
export const statedFacts = ({ metadata }: Gguf): StatedFacts => {
  const text = (key: string): string | null => cut(textValue(metadata, key) ?? "");
  const texts = (key: string): string[] =>
    (textsValue(metadata, key) ?? []).slice(0, most.items).flatMap((each) => cut(each) ?? []);
  return {
    license: text("general.license"),
    licenseName: text("general.license.name"),
    licenseLink: text("general.license.link"),
    // `general.base_model` is what this model was made from, and so not what a quant of it is made from.
    repository: text("general.repo_url") ?? text("general.source.repo_url"),
    tags: texts("general.tags"),
    languages: texts("general.languages"),
  };
};

const cut = (text: string): string | null => (text.trim() === "" ? null : text.slice(0, most.characters));
