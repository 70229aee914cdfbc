import type { Json } from "../base/canonical.ts";
import type { Pins, SourcePin } from "./pins.ts";

/** The pins in the text of a lock file; undefined when it is none of ours, as after a merge conflict. */
export const parsePins = (text: string): Pins | undefined => {
  const value = parseJson(text);
  if (!isMapping(value) || value["schema"] !== 1) return undefined;
  const { model, sources, toolchain, settings, manifest } = value;
  const whole =
    hasTexts(value, ["pipeline", "program"]) &&
    hasTexts(model, ["sha256"]) &&
    typeof model["bytes"] === "number" &&
    ["repository", "commit"].every((name) => ["string", "undefined"].includes(typeof model[name])) &&
    isMapping(sources) &&
    Object.values(sources).every(isSource) &&
    (manifest === null || typeof manifest === "string") &&
    hasTexts(toolchain, ["version", "sha256", "backend", "device", "isa"]) &&
    isMapping(settings);
  return whole ? (value as unknown as Pins) : undefined;
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

type Mapping = Readonly<Record<string, Json>>;

const isMapping = (value: unknown): value is Mapping =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const hasTexts = (value: unknown, names: readonly string[]): value is Mapping =>
  isMapping(value) && names.every((name) => typeof value[name] === "string");

const isSource = (value: unknown): value is SourcePin => {
  if (!hasTexts(value, ["digest"])) return false;
  const { files } = value;
  return files === null || (isMapping(files) && Object.values(files).every((digest) => typeof digest === "string"));
};
