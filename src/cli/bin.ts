#!/usr/bin/env node
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 15)) {
  process.stderr.write(
    `pipeline needs Node 22.15 or newer, and this is ${process.versions.node}. ` +
      "In a clone, `npm ci` brings its own Node: run it as `npx pipeline`. Elsewhere: npm install --global node@24\n",
  );
  process.exitCode = 2;
} else {
  // Not at the top: an older Node does not know the name, and would end there without a word that helps.
  const { enableCompileCache } = await import("node:module");
  enableCompileCache();
  const { main } = await import("./main.ts");
  process.exitCode = await main(process.argv);
}
