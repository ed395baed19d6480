import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts", "evaluators/**/*.test.ts", "scripts/**/*.test.ts"],
    globalSetup: ["test/helpers/build-once.ts", "test/helpers/postgres-once.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
