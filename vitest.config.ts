import { defineConfig } from "vitest/config";

/** Kill loops, hostile files and brute force: minutes each, in a project of their own (`npm run test:long`). */
const long = "test/**/*.long.test.ts";

/** Disturbances at random (`npm run test:chaos`). */
const chaos = "test/**/*.chaos.test.ts";

export default defineConfig({
  test: {
    globalSetup: "test/rig/setup.ts",
    // Tests with real tools use every core; more files at once only make each slower.
    maxWorkers: 2,
    testTimeout: 400_000,
    hookTimeout: 400_000,
    projects: [
      { extends: true, test: { name: "default", include: ["test/**/*.test.ts"], exclude: [long, chaos] } },
      { extends: true, test: { name: "long", include: [long] } },
      { extends: true, test: { name: "chaos", include: [chaos] } },
    ],
  },
});
