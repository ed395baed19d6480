import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

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
    // Conditions are waited for, however loaded the machine is.
    expect: { poll: { timeout: 20_000 } },
    maxWorkers: "100%",
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
};

export default defineConfig({
  ...shared,
  test: {
    ...shared.test,
    include: [
      "src/**/*.test.ts",
      "test/**/*.test.ts",
      "evaluators/**/*.test.ts",
      "scripts/**/*.test.ts",
      "examples/**/*.test.ts",
    ],
    // They need a Docker daemon or PyTorch and have commands of their own.
    exclude: ["**/node_modules/**", "**/dist/**", "test/containers/**", "test/torch/**"],
    globalSetup: [...shared.test.globalSetup, "test/helpers/say-what-is-left-out.ts"],
  },
});
