/** One thing that a run uses and that differs from what its lock file says. */
export interface PinChange {
  /** `manifest`: what the corpus came out as. */
  readonly what: "program" | "model" | "source" | "manifest" | "toolchain" | "setting";
  /** The id of a source, the property of a toolchain, the key of a setting; else the property `version` or `sha256`. */
  readonly name: string;
  /** null: there was none */
  readonly from: string | null;
  /** null: there is none any more */
  readonly to: string | null;
  /** Of a source whose files are known by name: how many differ, came or went, and the first of them. */
  readonly files?: { readonly count: number; readonly first: readonly string[] };
}
