/** A large synthetic mix of texts, the same for the same seed, made of the words of the shipped corpora. */
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Numbers in [0, 1): a linear congruential generator is random enough for filler text, and fast. */
const random = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
};

/** Sentences of the shipped texts, cut into words; drawing words by their own frequency keeps the lengths real. */
const vocabulary = (root: string): string[] =>
  globSync("corpora/{medical,legal,finance,general}/*/*.txt", { cwd: root })
    .sort()
    .flatMap((file) => readFileSync(join(root, file), "utf8").split(/\s+/))
    .filter((word) => word !== "");

export interface Mix {
  readonly bytes: number;
  readonly documents: number;
  readonly files: number;
}

const megabyte = 1e6;

/**
 * Writes about `megabytes` of text below `folder`: single files of 0.5 to 60 kB and JSON lines, with 3 % exact copies,
 * 3 % near copies, shared paragraphs, a footer in every tenth document, e-mail addresses, and accents in one in five.
 */
export const writeMix = (root: string, folder: string, megabytes: number, seed: number): Mix => {
  const words = vocabulary(root);
  const draw = random(seed);
  const recent: string[] = [];
  let [bytes, documents, files, number] = [0, 0, 0, 0];
  const sentence = (): string => {
    const length = 6 + Math.floor(draw() * 18);
    // Runs of real text would be near copies of one another; single words are not.
    return `${Array.from({ length }, () => words[Math.floor(draw() * words.length)] ?? "").join(" ")}.`;
  };
  const paragraph = (): string => Array.from({ length: 2 + Math.floor(draw() * 5) }, sentence).join(" ");
  const document = (): string => {
    const kind = draw();
    const old = recent[Math.floor(draw() * recent.length)];
    if (old !== undefined && kind < 0.03) return old;
    if (old !== undefined && kind < 0.06) return `${old.replace(/\. /, "; ")}\n${sentence()}`;
    const length = 500 * Math.exp(draw() * draw() * 5);
    const parts: string[] = [];
    for (let size = 0; size < length; size += parts.at(-1)?.length ?? 0) parts.push(paragraph());
    if (kind < 0.07 && old !== undefined) parts.push(old.split("\n\n")[0] ?? "");
    if (kind > 0.9) parts.push("This message is meant for the person it is addressed to; delete it if you are not.");
    if (kind > 0.85) parts.push(`Write to ${words[number % words.length]?.replace(/\W/g, "") ?? ""}@example.org.`);
    if (kind > 0.4 && kind < 0.6) parts.push("Señora Núñez’s “naïve” façade — 20 °C, ½ cup, déjà vu.");
    const text = parts.join("\n\n");
    recent[number % 500] = text;
    return text;
  };
  while (bytes < megabytes * megabyte) {
    const lines = draw() < 0.01;
    const folderNumber = join(folder, lines ? "records" : "texts", String(Math.floor(number / 1000)));
    mkdirSync(folderNumber, { recursive: true });
    const texts = Array.from({ length: lines ? 100 : 1 }, () => {
      number += 1;
      return document();
    });
    const content = lines ? texts.map((text) => `${JSON.stringify({ text })}\n`).join("") : `${texts[0] ?? ""}\n`;
    writeFileSync(join(folderNumber, `${number}.${lines ? "jsonl" : "txt"}`), content);
    bytes += Buffer.byteLength(content);
    documents += texts.length;
    files += 1;
  }
  return { bytes, documents, files };
};
