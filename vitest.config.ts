import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// Programs that tests start need not compile again what others have compiled.
process.env["NODE_COMPILE_CACHE"] ??= fileURLToPath(new URL("node_modules/.cache/compiled", import.meta.url));

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
    // Many of them wait for programs that they have started.
    maxWorkers: Math.ceil(1.5 * availableParallelism()),
    ...limits,
  },
};

/** Those that need a Docker daemon or PyTorch have commands of their own; an example that was installed links back here. */
const elsewhere = ["test/containers/**", "test/torch/**", "**/node_modules/**"];
/** Whole programs that are killed and started again: a worker for each file. The others share theirs, and so what they import. */
const flows = ["test/flows/**/*.test.ts"];
const others = ["{src,scripts,examples,test}/**/*.test.ts"];

export default defineConfig({
  test: {
    ...shared.test,
    globalSetup: [...shared.test.globalSetup, "test/helpers/say-what-is-left-out.ts"],
    projects: [
      { ...shared, test: { ...limits, name: "flows", include: flows } },
      {
        ...shared,
        test: { ...limits, name: "others", include: others, exclude: [...elsewhere, ...flows], isolate: false },
      },
    ],
  },
});
