/** The keys of which a source has exactly one: they say what kind of source it is. */
export const sourceKinds = ["files", "git", "prompts", "chats", "command", "stdin"] as const;
export type SourceKind = (typeof sourceKinds)[number];

/** Keys that only some kinds have. All others belong to every source. */
export const kindsOfKey = {
  format: ["files", "command"],
  field: ["files", "chats", "command", "stdin"],
  group: ["files", "chats", "command", "stdin"],
  revision: ["git"],
  include: ["git"],
  exclude: ["git"],
  template: ["chats"],
  inputs: ["command"],
} as const satisfies Readonly<Record<string, readonly SourceKind[]>>;

export type KindKey = keyof typeof kindsOfKey;

export const kindKeys: readonly KindKey[] = Object.keys(kindsOfKey) as KindKey[];

export const keyFits = (key: KindKey, kind: SourceKind): boolean =>
  (kindsOfKey[key] as readonly SourceKind[]).includes(kind);
