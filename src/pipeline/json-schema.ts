import * as z from "zod";
import type { JsonObject } from "../base/canonical.ts";
import { pipelineSchema } from "./schema.ts";

/** JSON Schema (draft 7, which YAML editors know) of the pipeline file, made from the schema that checks it. */
export const pipelineJsonSchema = (): JsonObject => {
  const schema = z.toJSONSchema(pipelineSchema, {
    io: "input",
    target: "draft-7",
    override: ({ jsonSchema }) => {
      // A quantity or a list states itself what it may be; the union below it would only repeat and widen that.
      if (jsonSchema.type !== undefined) delete jsonSchema.anyOf;
    },
  });
  return JSON.parse(JSON.stringify(schema)) as JsonObject;
};

/** The same as the text of `docs/pipeline.schema.json`. */
export const pipelineJsonSchemaText = (): string => `${JSON.stringify(pipelineJsonSchema(), null, 2)}\n`;
