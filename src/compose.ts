import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import {
  createLive,
  ensureOperator,
  syntheticSourceProblems,
  type App,
  type Log,
  type PluginProblem,
  type Worker,
} from "./core/app/index.ts";
import { ConfigError } from "./config-error.ts";
import type { PluginHost } from "./core/contract/index.ts";
import { createHotkeys, createSigner } from "./core/infra/auth/index.ts";
import { startBackground, type Background, type BackgroundOptions } from "./core/infra/background.ts";
import { keptSecret, PREFIX, type Config } from "./core/infra/config/index.ts";
import { createLeases, createLedger, createStore, migrate, openOrm } from "./core/infra/db/index.ts";
import { findDevices } from "./core/infra/devices/index.ts";
import { download } from "./core/infra/download/index.ts";
import { createBroadcast } from "./core/infra/events/index.ts";
import { createIds } from "./core/infra/ids.ts";
import { createBaseModels } from "./core/infra/models/index.ts";
import { openJobQueue } from "./core/infra/queue/index.ts";
import { createModelSources } from "./core/infra/sources/index.ts";
import { openScratchFolder } from "./core/infra/scratch-folder.ts";
import { createSecrets } from "./core/infra/secrets.ts";
import { createUploadParts } from "./core/infra/storage/index.ts";
import { systemClock } from "./core/infra/system-clock.ts";
import { loadRegistry } from "./load-registry.ts";
import { choicesOf } from "./plugin-choices.ts";
import { PluginError } from "./plugin-error.ts";

/** One process's app, and what belongs to it. */
export interface Composition {
  readonly app: App;
  /** Starts relaying, settling and, with a concurrency above 0, working on jobs. */
  startBackground(part: Pick<BackgroundOptions, "concurrency" | "serves">): Promise<void>;
  /** Ends in good order: work under leases is told to stop, running jobs are waited for, connections are closed. */
  stop(): Promise<void>;
}

/**
 * The composition root: every adapter is made here and nowhere else.
 *
 * @param refused what an earlier try found out about plugins.
 * @throws {PluginError} where plugins can't be used.
 * @throws {ConfigError} where synthetic tasks can't be made as configured.
 */
export async function compose(
  config: Config,
  databaseUrl: string,
  log: Log,
  refused: readonly PluginProblem[] = [],
): Promise<Composition> {
  await mkdir(config.dataFolder, { recursive: true, mode: 0o700 });
  const secret = (name: string, given: string | null, make: () => string): Promise<string> =>
    given === null ? keptSecret(config.dataFolder, name, make) : Promise.resolve(given);
  const operatorSecret = await secret("operator-secret", config.operatorSecret, () => randomText(32));
  const operatorKey = await secret("operator-key", config.operatorApiKey, () => `gr_operator_${randomText(24)}`);
  const registry = await loadRegistry(config.plugins, log, refused);

  await using opened = new AsyncDisposableStack();
  const orm = opened.adopt(await openOrm(databaseUrl, { poolSize: config.database.poolSize }), (it) => it.close());
  await migrate(orm);
  const queue = opened.use(
    await openJobQueue(
      config.redisUrl === null ? { backend: "postgres", url: databaseUrl } : { backend: "redis", url: config.redisUrl },
      { log },
    ),
  );
  const clock = systemClock;
  const scratchFolder = opened.adopt(await openScratchFolder(config.dataFolder), (path) =>
    rm(path, { recursive: true, force: true }),
  );
  const ledger = createLedger(orm, clock);
  const hostFor = (name: string): PluginHost => ({
    dataFolder: folder(config.dataFolder, "plugins", name),
    scratchFolder: folder(scratchFolder, name),
    log,
    ledger,
  });
  const live = createLive(registry, choicesOf(config.plugins), hostFor);
  if (!live.ok) throw new PluginError(live.error);

  const leases = createLeases(orm, {
    heartbeatMs: config.settings.leases.heartbeatMs,
    most: { task: config.jobConcurrency, fetch: config.sourceConcurrency },
    log,
  });
  const broadcast = createBroadcast();
  const worker = await thisWorker(config, log);
  const app: App = {
    store: createStore(orm, clock),
    leases,
    broadcast,
    registry,
    rules: live.value.rules,
    artifacts: live.value.artifactStore,
    synthesizer: live.value.synthesizer,
    evalRunner: live.value.evalRunner,
    publishers: live.value.weightPublishers.map(({ publisher }) => publisher),
    bases: createBaseModels(config.modelsFolders, log),
    download,
    sources: createModelSources(config.settings),
    settings: config.settings,
    clock,
    ids: createIds(operatorSecret),
    secrets: createSecrets(operatorSecret),
    signer: createSigner(operatorSecret),
    hotkeys: createHotkeys(),
    uploadParts: createUploadParts(folder(config.dataFolder, "uploads")),
    log,
    worker,
    scratchFolder,
  };
  await ensureOperator(app, operatorKey);
  const problems = await syntheticSourceProblems(app);
  if (problems.length > 0) throw new ConfigError(problems.map((problem) => `${PREFIX}${problem}`));

  const { serverHeartbeatMs } = config;
  const owned = opened.move();
  let background: Background | undefined;
  return {
    app,
    async startBackground(part) {
      background = await startBackground({
        app,
        orm,
        url: databaseUrl,
        queue,
        broadcast,
        serverHeartbeatMs,
        leases,
        fetches: config.sourceConcurrency,
        ...part,
      });
    },
    async stop() {
      leases.abandon();
      await background?.stop();
      await owned.disposeAsync();
    },
  };
}

async function thisWorker({ devices }: Config, log: Log): Promise<Worker> {
  const name = `${hostname()}-${process.pid}`;
  return { name, devices: await findDevices(devices, { worker: name, log }) };
}

function folder(...path: readonly string[]): string {
  const made = join(...path);
  mkdirSync(made, { recursive: true, mode: 0o700 });
  return made;
}

const randomText = (bytes: number): string => randomBytes(bytes).toString("base64url");
