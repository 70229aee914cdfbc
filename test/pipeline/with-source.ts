import { brief, problemsOf, withMistake, world, type Extras } from "./memory-reader.ts";

export const tree = "0123456789abcdef0123456789abcdef01234567";

/** The small world with what other kinds of sources need. */
export const files = {
  ...world,
  "/home/ada/logs/a.jsonl": "",
  "/home/ada/logs/b.csv": "",
  "/home/ada/pipelines/export.sh": "",
  "/home/ada/pipelines/chatml.jinja": "",
  "/home/ada/repo/.git/HEAD": "",
};

export const extras: Extras = {
  git: { "/home/ada/repo HEAD": { tree }, "/home/ada/repo v2.0": { tree }, "/home/ada/repo main": { tree } },
};

export const original = "files: ../corpora/general/*.txt, domain: general, share: 30%";

/** The pipeline with another source in place of its last. */
export const withSource = (source: string): string => withMistake([original, `${source}, domain: general, share: 30%`]);

/** What is said of the pipeline with another source in place of its last. */
export const said = async (source: string, more: Extras = {}) =>
  brief(await problemsOf(withSource(source), files, { ...extras, ...more }));
