import type { Gguf } from "../../llama/gguf.ts";
import { numberValue, textsValue, textValue } from "../../llama/gguf-value.ts";

/** What a GGUF file says about conversations; keys as in docs/gguf.md of ggml. */
export const chatTokens = ({
  metadata,
}: Gguf): { readonly template: string | undefined; readonly bosToken: string; readonly eosToken: string } => {
  const tokens = textsValue(metadata, "tokenizer.ggml.tokens") ?? [];
  const token = (name: string): string => {
    const id = numberValue(metadata, `tokenizer.ggml.${name}_token_id`);
    return id === undefined ? "" : (tokens[id] ?? "");
  };
  return { template: textValue(metadata, "tokenizer.chat_template"), bosToken: token("bos"), eosToken: token("eos") };
};
