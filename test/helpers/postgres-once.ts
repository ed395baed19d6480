import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { stopPostmaster } from "../../src/core/infra/postgres/index.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Where the run's one PostgreSQL server lives. The first test that needs it starts it. */
    readonly postgresFolder: string;
  }
}

/** Names the run's PostgreSQL folder, and leaves neither server nor folder behind. */
export default function setup(project: TestProject): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "gradients-test-postgres-"));
  project.provide("postgresFolder", folder);
  return async () => {
    await stopPostmaster(folder);
    rmSync(folder, { recursive: true, force: true });
  };
}
