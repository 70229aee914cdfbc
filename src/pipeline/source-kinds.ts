/** The keys of which a source has exactly one: they say what kind of source it is. */
export const sourceKinds = ["files", "git", "prompts", "chats", "command", "stdin", "dataset", "url"] as const;
export type SourceKind = (typeof sourceKinds)[number];

/** Keys that only some kinds have. All others belong to every source. */
export const kindsOfKey = {
  format: ["files", "command", "url"],
  field: ["files", "chats", "command", "stdin", "dataset", "url"],
  group: ["files", "chats", "command", "stdin", "url"],
  revision: ["git"],
  include: ["git"],
  exclude: ["git"],
  template: ["chats"],
  inputs: ["command"],
  config: ["dataset"],
  split: ["dataset"],
  take: ["dataset"],
  sha256: ["url"],
} as const satisfies Readonly<Record<string, readonly SourceKind[]>>;

export type KindKey = keyof typeof kindsOfKey;

export const kindKeys: readonly KindKey[] = Object.keys(kindsOfKey) as KindKey[];

export const keyFits = (key: KindKey, kind: SourceKind): boolean =>
  (kindsOfKey[key] as readonly SourceKind[]).includes(kind);
