import type { Answer } from "../../src/select/answer.ts";
import { answerOf, candidate, q8, tolerance } from "./answers.ts";

/** A name that means something to HTML, Markdown, YAML, a shell, a terminal, XML, a spreadsheet and GitHub's runner. */
export const hostileName =
  "=1+1<script>alert(1)</script>&amp;|`x`[a](javascript:b)\n---\n::error::x%0A,y:z\r\u001b[31m\u0085\u202e\"'$(id)]]>\ufffe@user #1";

/** An answer in which every text of a user's is hostile. */
export const hostileAnswer = (): Answer => {
  const answer = answerOf([candidate("Q8_0", 5.83, q8.loss)], {
    tolerances: [tolerance({ domain: hostileName, name: hostileName })],
  });
  return {
    ...answer,
    pipeline: hostileName,
    choice: answer.choice === null ? null : { ...answer.choice, file: hostileName },
    candidates: answer.candidates.map((each) => ({ ...each, provenance: { [hostileName]: hostileName } })),
    model: {
      ...answer.model,
      file: hostileName,
      name: hostileName,
      stated: { ...answer.model.stated, license: hostileName, tags: [hostileName], languages: [hostileName] },
    },
    card: { baseModel: null, quantizedBy: hostileName, license: null, tags: [hostileName] },
    corpus: {
      ...answer.corpus,
      sources: answer.corpus.sources.map((each) => ({ ...each, id: hostileName, license: hostileName })),
    },
    llamaCpp: { ...answer.llamaCpp, version: hostileName },
  };
};

/** Characters that move the cursor, turn text round or are none. Line breaks are looked at apart. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
export const unprintable = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/;

/** As many candidates as llama-quantize has types, twice over, on four domains. */
export const largeAnswer = (): Answer => {
  const domains = ["medical", "general", "code", "law"];
  const truths = Array.from({ length: 60 }, (_, index) =>
    candidate(`T${String(index).padStart(2, "0")}_K_M`, 60 - index / 2, {
      rise: [0.0004 * index, 0.01],
      kld: [0.0006 * index + 0.0001, 0.002],
    }),
  );
  return answerOf(truths, { tolerances: domains.map((domain) => tolerance({ domain })), mode: "full" });
};
