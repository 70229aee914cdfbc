import satisfies from "semver/functions/satisfies.js";
import { buildToolRemedy, buildTools, locateBuildTools, packageManager } from "./build-tools.ts";
import { command } from "./command.ts";
import { buildEnvironment, type Environment } from "./environment.ts";
import { findToolchain, type FindOptions } from "./find.ts";
import { machineFindings, type Finding } from "./machine.ts";

/** What the doctor found, and whether a pipeline can run here: exit code 0 or 4. */
export interface Examination {
  readonly findings: readonly Finding[];
  readonly usable: boolean;
}

/** Where to look; `nodeVersion` is for tests. */
export interface ExamineOptions extends FindOptions {
  readonly nodeVersion?: string;
}

const neededNode = ">=22.15";

/** Looks at everything that a pipeline run needs on this machine. Changes nothing. */
export const examine = async (options: ExamineOptions): Promise<Examination> => {
  const node = nodeFinding(options.nodeVersion ?? process.versions.node);
  const tools = await toolFindings(options);
  const found = tools.every(({ status }) => status !== "missing");
  const rest = await Promise.all([
    buildToolFindings(options.env, found),
    machineFindings(options.cacheDir, options.env),
  ]);
  return { findings: [node, ...tools, ...rest.flat()], usable: found && node.status === "ok" };
};

const nodeFinding = (version: string): Finding => {
  if (satisfies(version, neededNode)) return { subject: "Node", status: "ok", detail: version };
  const detail = `${version} is too old: ${neededNode} is needed`;
  return { subject: "Node", status: "missing", detail, remedy: "npm install --global node@24" };
};

const toolFindings = async (options: FindOptions): Promise<readonly Finding[]> => {
  const subject = "llama.cpp tools";
  const found = await findToolchain(options);
  if (found.ok) {
    const { toolchain, skipped } = found.value;
    const { backend, device, isa } = toolchain.numeric;
    const on = device === backend ? backend : `${backend} (${device})`;
    const detail = `${toolchain.version} in ${toolchain.directory} (${toolchain.origin}), ${on}, ${isa}`;
    return [
      { subject, status: "ok", detail },
      ...skipped.map((line): Finding => ({ subject, status: "warning", detail: `skipped ${line}` })),
    ];
  }
  const failure = found.error;
  if (failure.reason !== "toolchain-missing")
    return [
      { subject, status: "missing", detail: failure.reason === "unusable-argument" ? failure.message : failure.reason },
    ];
  const [first = "not found", ...more] = failure.tried;
  return [
    { subject, status: "missing", detail: first, remedy: failure.remedy },
    ...more.map((line): Finding => ({ subject, status: "warning", detail: line })),
  ];
};

/** Versions are asked for where people are likely to have an old one. */
const asksVersion: ReadonlySet<string> = new Set(["cmake", "c++", "git", "npm"]);

const buildToolFindings = async (env: Environment, notNeeded: boolean): Promise<readonly Finding[]> => {
  const [located, manager] = await Promise.all([locateBuildTools(env), packageManager()]);
  return Promise.all(
    buildTools.map(async (tool): Promise<Finding> => {
      const path = located.get(tool);
      if (path !== undefined) return { subject: tool, status: "ok", detail: await describe(tool, path, env) };
      const detail = notNeeded ? "not found; only needed to build llama.cpp" : "not found; needed to build llama.cpp";
      return {
        subject: tool,
        status: notNeeded ? "warning" : "missing",
        detail,
        remedy: buildToolRemedy(tool, manager),
      };
    }),
  );
};

const describe = async (tool: string, path: string, env: Environment): Promise<string> => {
  if (!asksVersion.has(tool)) return path;
  const { stdout } = await command(path, ["--version"], { env: buildEnvironment(env), timeoutMs: 20_000 });
  const version = /\d+\.\d+(?:\.\d+)*/.exec(stdout)?.[0];
  return version === undefined ? path : `${version} (${path})`;
};
