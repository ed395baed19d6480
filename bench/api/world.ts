import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as SchemaModule from "../../src/schema/index.ts";
import type * as ComposeModule from "../../src/compose.ts";
import type * as ConfigModule from "../../src/core/infra/config/index.ts";
import type * as PackageFolderModule from "../../src/core/infra/package-folder.ts";
import type * as LoggerModule from "../../src/core/infra/logger.ts";
import type * as PostgresModule from "../../src/core/infra/postgres/index.ts";

/** A module as the build made it: Node alone does not run the schema's decorators. Run `npm run build` first. */
export const built = (path: string): Promise<unknown> =>
  import(new URL(`../../dist/src/${path}.js`, import.meta.url).href);

// The build has the types of its sources.
export const schema = (await built("schema/index")) as typeof SchemaModule;
const { compose } = (await built("compose")) as typeof ComposeModule;
const { parseConfig } = (await built("core/infra/config/index")) as typeof ConfigModule;
const { packageFolder } = (await built("core/infra/package-folder")) as typeof PackageFolderModule;
const { createLog } = (await built("core/infra/logger")) as typeof LoggerModule;
const { startEmbeddedPostgres } = (await built("core/infra/postgres/index")) as typeof PostgresModule;

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
