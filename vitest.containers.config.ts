import { defineConfig } from "vitest/config";
import { shared } from "./vitest.config.ts";

/** Tests with a real Docker daemon: `npm run test:containers`. */
export default defineConfig({
  ...shared,
  test: { ...shared.test, include: ["test/containers/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 300_000 },
});
