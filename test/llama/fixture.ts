import { readFileSync } from "node:fs";
import type { OnText, Stream } from "../../src/llama/log.ts";
import { toolLog } from "../../src/llama/log.ts";
import type { Outcome } from "../../src/llama/outcome.ts";

/** Bytes of a file in `fixtures`; what they are and how they were made says `fixtures/README.md`. */
export const fixture = (name: string): Buffer => readFileSync(new URL(`fixtures/${name}`, import.meta.url));

export type Form = "plain" | "jsonl";
export const forms: readonly Form[] = ["plain", "jsonl"];

/** Bytes of one stream after another; the order of two streams is not defined, so a test may take either. */
export type Output = readonly (readonly [Buffer, Stream])[];

export const output = (name: string, form: Form): Output =>
  form === "jsonl"
    ? [[fixture(`${name}.jsonl`), "stdout"]]
    : [
        [fixture(`${name}.stdout.txt`), "stdout"],
        [fixture(`${name}.stderr.txt`), "stderr"],
      ];

/** Sends output through the log reader in pieces of `size` bytes. */
export const replay = (pieces: Output, form: Form, onText: OnText, size = Number.MAX_SAFE_INTEGER): void => {
  const log = toolLog(form === "jsonl", onText);
  for (const [bytes, stream] of pieces) {
    for (let at = 0; at < bytes.length; at += size) log.write(bytes.subarray(at, at + size), stream);
  }
  log.end();
};

/** What the tool said when it refused; otherwise how the run ended. */
export const messageOf = (outcome: Outcome): string =>
  outcome.status === "refused" ? outcome.message : outcome.status;

interface Parser<Run> {
  readonly push: OnText;
  readonly run: () => Run;
}

/** What a parser makes of a fixture. */
export const parsed = <Run>(make: () => Parser<Run>, name: string, form: Form): Run => {
  const parser = make();
  replay(output(name, form), form, parser.push);
  return parser.run();
};

/** What a parser makes of the first `length` bytes of stdout, with all of stderr. */
export const parsedCut = <Run>(make: () => Parser<Run>, name: string, form: Form, length: number): Run => {
  const parser = make();
  const cut = output(name, form).map(
    ([bytes, stream]) => [stream === "stdout" ? bytes.subarray(0, length) : bytes, stream] as const,
  );
  replay(cut, form, parser.push);
  return parser.run();
};

/** Every result that comes from another way to cut the same bytes in two, and from single bytes. */
export const cutResults = <Run>(make: () => Parser<Run>, name: string, form: Form): Run[] => {
  const whole = output(name, form);
  const longest = Math.max(...whole.map(([bytes]) => bytes.length));
  const results: Run[] = [];
  // Every place in a short output; in a long one, places that over the streams hit every kind of character.
  const step = longest > 4000 ? 7 : 1;
  for (let cut = 1; cut < longest; cut += step) {
    const parser = make();
    replay(
      whole.flatMap(([bytes, stream]) => [
        [bytes.subarray(0, cut), stream] as const,
        [bytes.subarray(cut), stream] as const,
      ]),
      form,
      parser.push,
    );
    results.push(parser.run());
  }
  const bytewise = make();
  replay(whole, form, bytewise.push, 1);
  return [...results, bytewise.run()];
};
