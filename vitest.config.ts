import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const limits = {
  // Conditions are waited for, however loaded the machine is.
  expect: { poll: { timeout: 20_000 } },
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

/** What all suites share; each names its own files. */
export const shared = {
  resolve: {
    alias: [
      // One copy of graphql: its ESM entry, which Vite would take, is another one than Node gives to type-graphql and Apollo.
      { find: /^graphql$/, replacement: "graphql/index.js" },
      // The examples import the public entry points, like any package; here these are the sources.
      { find: /^gradients\/plugin$/, replacement: source("./src/core/contract/index.ts") },
      { find: /^gradients\/plugin\/testing$/, replacement: source("./src/core/contract/testing/index.ts") },
    ],
  },
  test: {
    globalSetup: ["test/helpers/build-once.ts", "test/helpers/postgres-once.ts"],
    maxWorkers: "100%",
    ...limits,
  },
};

/** Tests beside the code they are about: pure functions, which need no worker of their own for each file. */
const pure = ["src/**/*.test.ts", "scripts/**/*.test.ts", "examples/**/*.test.ts"];
/** They need a Docker daemon or PyTorch and have commands of their own. */
const elsewhere = ["test/containers/**", "test/torch/**"];

export default defineConfig({
  test: {
    ...shared.test,
    globalSetup: [...shared.test.globalSetup, "test/helpers/say-what-is-left-out.ts"],
    projects: [
      { ...shared, test: { ...limits, name: "pure", include: pure, isolate: false } },
      { ...shared, test: { ...limits, name: "whole", include: ["test/**/*.test.ts"], exclude: elsewhere } },
    ],
  },
});
