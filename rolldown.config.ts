import { chmodSync, readFileSync, readdirSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, resolve } from "node:path";
import { defineConfig, type ChunkingContext, type Plugin } from "rolldown";
import own from "./package.json" with { type: "json" };

/**
 * What a run loads whether or not there is work. Cut at each border of a command, as everything else is, it would lie in
 * a hundred files, and finding and linking these takes longer than a run in which nothing changed has to do.
 */
const roots = ["src/cli/main.ts", "src/cli/run.ts"].map((file) => resolve(file));

/** All that these import, and what that imports, but for what waits for an `import()`. */
const closure = (modules: ChunkingContext): ReadonlySet<string> => {
  const found = new Set(roots);
  for (const id of found) for (const next of modules.getModuleInfo(id)?.importedIds ?? []) found.add(next);
  return found;
};

let needed: ReadonlySet<string> | undefined;

/**
 * Node's own modules, asked for when the program runs and not by `import`: that would make Node read every name of each,
 * and with some names come worker threads, web cryptography and half of the terminal, which nobody here uses.
 */
const builtins: Plugin = {
  name: "builtins",
  resolveId: (id, importer) => {
    // Commander starts other programs as subcommands; ours are functions, and need nothing that starts processes.
    if (id === "node:child_process" && importer?.includes("/commander/") === true) return "\0empty";
    return isBuiltin(id) && !id.endsWith("module") ? `\0builtin:${id.replace(/^node:/, "")}` : null;
  },
  load: (id) => {
    if (id === "\0empty") return { code: "module.exports = {};", moduleType: "js" };
    if (!id.startsWith("\0builtin:")) return null;
    const name = JSON.stringify(id.slice("\0builtin:".length));
    return { code: `module.exports = process.getBuiltinModule(${name});`, moduleType: "js" };
  },
};

/** In a clone `npx pipeline` starts the file itself, which nobody but the build makes executable. */
const executable: Plugin = {
  name: "executable",
  writeBundle: ({ dir = "dist" }) => chmodSync(join(dir, "bin.js"), 0o755),
};

/** Name, version and licence of every package that is in the bundle: most licences ask for that. Each text stands once. */
const notices: Plugin = {
  name: "notices",
  generateBundle(_options, bundle) {
    const modules = Object.values(bundle).flatMap((part) => (part.type === "chunk" ? part.moduleIds : []));
    const folders = modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []);
    const byText = Map.groupBy([...new Set(folders)].sort(), licenceOf);
    const parts = [...byText].map(([text, those]) => `${those.map(nameOf).join("\n")}\n\n${text}\n`);
    this.emitFile({ type: "asset", fileName: "NOTICES.txt", source: parts.join(`\n${"-".repeat(80)}\n\n`) });
  },
};

const licenceOf = (folder: string): string =>
  readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
    .map((file) => readFileSync(join(folder, file), "utf8").trim())
    .join("\n\n");

const nameOf = (folder: string): string => {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, string>;
  return `${manifest["name"]} ${manifest["version"]} (${manifest["license"] ?? "see below"})`;
};

export default defineConfig({
  input: { bin: "src/cli/bin.ts", api: "src/api.ts" },
  platform: "node",
  transform: { target: `node${own.engines.node.replace(">=", "")}` },
  preserveEntrySignatures: "allow-extension",
  plugins: [builtins, executable, notices],
  // Some of what is imported late by one command is imported at once by another: then it lies with the latter.
  checks: { ineffectiveDynamicImport: false },
  output: {
    dir: "dist",
    chunkFileNames: "chunks/[name]-[hash].js",
    comments: false,
    // Names of functions stay, for the sake of stack traces in reports of bugs.
    minify: {
      compress: false,
      mangle: { toplevel: false, keepNames: { function: true, class: true } },
      codegen: { removeWhitespace: true },
    },
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [{ debugName: "run", name: (id, modules) => ((needed ??= closure(modules)).has(id) ? "run" : null) }],
    },
  },
});
