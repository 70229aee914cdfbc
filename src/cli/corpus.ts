import { readFileSync } from "node:fs";
import { stepId } from "../base/ids.ts";
import type { Manifest } from "../corpus/manifest.ts";
import type { Survey } from "../corpus/survey.ts";
import { formatCorpus } from "../report/corpus.ts";
import { makeView } from "../report/view.ts";
import { runPlan, type RunOutcome } from "../run/run.ts";
import { fail, stderr, stdout } from "./console.ts";
import { ensureToolchain } from "./find-tools.ts";
import { loadWithStdin } from "./load.ts";
import { matcher } from "./matcher.ts";
import { alwaysHashes, machineDirectory, networkEnvironment, storeDirectory, type SharedOptions } from "./settings.ts";
import { cancelOnSignals } from "./signals.ts";

export interface InspectCommandOptions extends SharedOptions {
  readonly yes?: boolean;
}

/** What there is to do before a corpus can be looked at. */
const wanted = ["fetch", "model", "source/*", "corpus"];

/** `pipeline corpus inspect FILE`: assembles the corpus, or finds it assembled, and says what is in it. */
export const inspectCorpus = async (file: string, options: InspectCommandOptions): Promise<number> => {
  const json = options.json === true;
  const loaded = await loadWithStdin(file, options, "always");
  if (!loaded.ok) return fail(loaded.error, json);
  const cancel = cancelOnSignals();
  // What it does goes to stderr: the result can be piped.
  const view = await makeView("plain", stderr());
  const selected = matcher(wanted, true);
  const toolchain = await ensureToolchain(options, loaded.value.llamaCpp, view.handle, cancel);
  if (!toolchain.ok) return fail(toolchain.error, json);
  const machine = machineDirectory({});
  const ran = await runPlan(loaded.value, {
    storeDirectory: storeDirectory(options),
    alwaysHash: alwaysHashes(options),
    toolchain: toolchain.value,
    jobs: 1,
    ...(machine === undefined ? {} : { machine }),
    keepGoing: false,
    selected,
    forced: matcher(undefined, false),
    emit: (event) => {
      if (event.type === "notice" || event.type === "hashing" || ("step" in event && selected(event.step)))
        view.handle(event);
    },
    cancel,
    environment: networkEnvironment(options),
  });
  await view.end();
  if (!ran.ok) return fail(ran.error, json);
  const [failure] = ran.value.failures;
  if (failure !== undefined) return fail(failure, json);
  return show(loaded.value.name, ran.value, json);
};

const show = (pipeline: string, outcome: RunOutcome, json: boolean): number => {
  const manifest = readOutput(outcome, "manifest") as Manifest;
  const survey = readOutput(outcome, "survey") as Survey;
  const out = stdout();
  out.write(json ? `${JSON.stringify({ pipeline, manifest, survey })}\n` : formatCorpus(pipeline, manifest, survey));
  return 0;
};

const readOutput = ({ records, session }: RunOutcome, output: string): unknown => {
  const object = records.get(stepId("corpus"))?.outputs[output];
  if (object === undefined) throw new Error(`Internal error: the corpus has no ${output}`);
  return JSON.parse(readFileSync(session.layout.object(object.digest), "utf8"));
};
