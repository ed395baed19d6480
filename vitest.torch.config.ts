import { defineConfig } from "vitest/config";
import { shared } from "./vitest.config.ts";

/** Tests of the evaluators in PyTorch: `npm run test:torch`. */
export default defineConfig({
  ...shared,
  test: {
    ...shared.test,
    include: ["test/torch/**/*.test.ts"],
    // They need neither the build nor a database.
    globalSetup: [],
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
