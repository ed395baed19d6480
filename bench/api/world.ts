import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A module as the build made it: Node alone does not run the schema's decorators. Run `npm run build` first. */
export const built = (path: string): Promise<unknown> =>
  import(new URL(`../../dist/src/${path}.js`, import.meta.url).href);

// The build has the types of its sources.
export const schema = (await built("schema/index")) as typeof import("../../src/schema/index.ts");
export const core = (await built("core/app/index")) as typeof import("../../src/core/app/index.ts");
const { compose } = (await built("compose")) as typeof import("../../src/compose.ts");
const { parseConfig } = (await built(
  "core/infra/config/index",
)) as typeof import("../../src/core/infra/config/index.ts");
const { packageFolder } = (await built(
  "core/infra/package-folder",
)) as typeof import("../../src/core/infra/package-folder.ts");
const { createLog } = (await built("core/infra/logger")) as typeof import("../../src/core/infra/logger.ts");
const { startEmbeddedPostgres } = (await built(
  "core/infra/postgres/index",
)) as typeof import("../../src/core/infra/postgres/index.ts");

/** A whole server's parts over a database of its own in a temporary folder; nothing works in the background. */
export async function openWorld() {
  const folder = await mkdtemp(join(tmpdir(), "gradients-bench-"));
  const postgres = await startEmbeddedPostgres(join(folder, "postgres"), { quick: true });
  const environment = { GRADIENTS_DATA_FOLDER: join(folder, "data"), GRADIENTS_LOG_LEVEL: "error" };
  const config = parseConfig(environment, { workingFolder: folder, packageFolder });
  if (!config.ok) throw new Error(config.error.join("\n"));
  const composition = await compose(config.value, postgres.url, createLog("error"));
  return {
    app: composition.app,
    async [Symbol.asyncDispose]() {
      await composition.stop();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The p-th part of a list of numbers. */
export function quantile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? Number.NaN;
}
