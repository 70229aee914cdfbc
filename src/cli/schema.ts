import { pipelineJsonSchemaText } from "../pipeline/json-schema.ts";
import { stdout } from "./console.ts";

/** `pipeline schema`: the JSON Schema of pipeline files, for editors. */
export const schema = (): number => {
  stdout().write(pipelineJsonSchemaText());
  return 0;
};
