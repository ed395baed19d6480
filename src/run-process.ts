import { join } from "node:path";
import type { Log, PluginProblem } from "./core/app/index.ts";
import type { Composition } from "./compose.ts";
import { EXIT_CONFIG, readConfig, type Config } from "./core/infra/config/index.ts";
import { createLog } from "./core/infra/logger.ts";
import { packageFolder } from "./core/infra/package-folder.ts";
import { startEmbeddedPostgres } from "./core/infra/postgres/index.ts";
import type { ConfigError } from "./config-error.ts";
import type { PluginError } from "./plugin-error.ts";
import { secondRequest } from "./second-request.ts";
import { startProblem } from "./start-problem.ts";

/** What a process does with the composition. */
export interface Role {
  /** Modules that take long to load: they do while PostgreSQL starts. */
  readonly preload?: () => Promise<unknown>;
  /** Returns how it ends. */
  start(composition: Composition, config: Config): Promise<{ stop(): Promise<void> }>;
}

/** The shell's number for a process that Ctrl-C ended. */
const EXIT_INTERRUPTED = 130;
/** After this the rest is cut off: leases run out, and the next start goes on where this one was. */
const STOP_WITHIN_MS = 20_000;

/**
 * The life of a server process: configuration, database, composition, role; and at a signal, or when the parent that
 * forked it is gone, all of it backwards. A second Ctrl-C ends it at once. Never returns.
 */
export async function runProcess(role: Role): Promise<never> {
  const parsed = readConfig(packageFolder);
  if (!parsed.ok) return refuse(parsed.error);
  const log = createLog(parsed.value.logLevel);
  try {
    await live(parsed.value, log, role);
  } catch (error) {
    if (isPluginError(error) || isConfigError(error)) return refuse(error.message.split("\n"));
    const problem = startProblem(error, parsed.value);
    if (problem !== null) return refuse([problem]);
    log.error("the process failed", { error: error instanceof Error ? (error.stack ?? "") : String(error) });
    process.exit(1);
  }
  // Whatever a plugin has left open must not keep the process.
  process.exit(0);
}

async function live(config: Config, log: Log, role: Role): Promise<void> {
  const end = theEnd();
  await using owned = new AsyncDisposableStack();
  const [url, { compose }] = await Promise.all([
    config.database.url ?? startDatabase(config, log, owned),
    import("./compose.ts"),
    role.preload?.(),
  ]);
  const start = async (refused: readonly PluginProblem[]) => {
    const composition = await compose(config, url, log, refused);
    try {
      const running = await role.start(composition, config);
      return { running, composition };
    } catch (error) {
      await composition.stop();
      throw error;
    }
  };
  const { running, composition } = await start([]).catch((error: unknown) => {
    // What only shows when the API is made; where the operator allows it, the second try goes without these plugins.
    if (isPluginError(error) && config.plugins.skipBroken) return start(error.problems);
    throw error;
  });
  owned.defer(() => composition.stop());
  owned.defer(() => running.stop());
  log.info("stopping", { reason: await end });
}

// By its name: the class would pull the whole composition in before it is known that there is a configuration.
const isPluginError = (error: unknown): error is PluginError => error instanceof Error && error.name === "PluginError";
const isConfigError = (error: unknown): error is ConfigError => error instanceof Error && error.name === "ConfigError";

async function startDatabase({ dataFolder, database }: Config, log: Log, owned: AsyncDisposableStack): Promise<string> {
  const postgres = await startEmbeddedPostgres(join(dataFolder, "postgres"), { quick: !database.fsync, log });
  owned.defer(() => postgres.stop());
  void postgres.lost.then((error) => {
    // Nothing can be ended in good order without it; the next start goes on where this one was.
    log.error("PostgreSQL is gone and could not be started again", { error: error.message });
    process.exit(1);
  });
  return postgres.url;
}

function theEnd(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const isAskedAgain = secondRequest();
  const end = (reason: string): void => {
    // From here on: a start that waits for its Redis never comes to the point where it could be stopped.
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    resolve(reason);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      // Whoever started us may ask once more in his own words while we end; only a person is impatient.
      if (isAskedAgain() && signal === "SIGINT") process.exit(EXIT_INTERRUPTED);
      end(signal);
    });
  }
  // Only a forked process has a channel: who started it is gone.
  process.once("disconnect", () => end("the parent process is gone"));
  return promise;
}

function refuse(problems: readonly string[]): never {
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.exit(EXIT_CONFIG);
}
