import { sha256 } from "../base/canonical.ts";
import type { Digest } from "../base/ids.ts";
import type { Reader } from "./reader.ts";

/** What loading asked of its reader, and the digest of what it was told. */
export interface Asked {
  readonly question: keyof Reader;
  /** Arguments of the question. */
  readonly about: readonly unknown[];
  readonly answer: Digest;
}

type Ask = (...about: readonly unknown[]) => Promise<unknown>;

/** The same reader, and a list that grows by each question it is asked. */
export const listen = (reader: Reader): { readonly reader: Reader; readonly asked: readonly Asked[] } => {
  const asked: Asked[] = [];
  const heard = (Object.entries(reader) as [keyof Reader, Ask][]).map(([question, ask]): [string, Ask] => [
    question,
    async (...about) => {
      const answer = await ask(...about);
      asked.push({ question, about, answer: digestOf(answer) });
      return answer;
    },
  ]);
  return { reader: Object.fromEntries(heard) as unknown as Reader, asked };
};

/** Whether a reader answers every question as it was answered then. */
export const answersAlike = async (reader: Reader, asked: readonly Asked[]): Promise<boolean> => {
  for (const { question, about, answer } of asked)
    if (digestOf(await (reader[question] as Ask)(...about)) !== answer) return false;
  return true;
};

/** Of an endless number it says the same as of none, which no answer has both of. */
const digestOf = (answer: unknown): Digest => sha256(JSON.stringify(answer));
