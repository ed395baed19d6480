import { defineConfig } from "vitest/config";

export default defineConfig({
  // One copy of graphql: its ESM entry, which Vite would take, is another one than Node gives to type-graphql and Apollo.
  resolve: { alias: [{ find: /^graphql$/, replacement: "graphql/index.js" }] },
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts", "evaluators/**/*.test.ts", "scripts/**/*.test.ts"],
    globalSetup: ["test/helpers/build-once.ts", "test/helpers/postgres-once.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
