import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import {
  createRegistry,
  registerDevices,
  type App,
  type OwnDevice,
  type PluginEntry,
} from "../../src/core/app/index.ts";
import { InfrastructureError } from "../../src/core/contract/index.ts";
import { createTestHost } from "../../src/core/contract/testing/test-host.ts";
import { createHotkeys, createSigner } from "../../src/core/infra/auth/index.ts";
import { createLeases } from "../../src/core/infra/db/index.ts";
import { createBroadcast } from "../../src/core/infra/events/index.ts";
import { createIds } from "../../src/core/infra/ids.ts";
import { createSecrets } from "../../src/core/infra/secrets.ts";
import { createModelSources } from "../../src/core/infra/sources/index.ts";
import { createUploadParts } from "../../src/core/infra/storage/index.ts";
import { builtinPlugins } from "../../src/plugins/index.ts";
import { localArtifactStore } from "../../src/plugins/local-artifact-store/index.ts";
import { silentLog } from "../infra/silent-log.ts";
import { createTestClock, type TestClock } from "./test-clock.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";
import { TEST_SETTINGS } from "./test-settings.ts";

/** A device of a test's worker. */
export const aCpuSlot = (uuid = "CPU-test-0"): OwnDevice => ({ kind: "cpu", uuid, model: "a CPU", memoryMiB: null });

const OPERATOR_SECRET = "the operator's secret in tests";

/** An app over a database and folders of its own; its clock stands still until the test moves it. */
export interface TestApp {
  readonly app: App;
  readonly clock: TestClock;
  readonly database: TestDatabase;
}

export interface TestAppOptions {
  /** Default: the built-in plugins. */
  readonly plugins?: readonly PluginEntry[];
  /** Parts that the test brings itself. */
  readonly parts?: Partial<App>;
}

/** Gives the calling test file (or describe block) an app, and removes everything after. Use it inside of tests. */
export function withTestApp(options: TestAppOptions = {}): TestApp {
  let open: (TestApp & AsyncDisposable) | undefined;
  const current = (): TestApp => {
    if (!open) throw new Error("The test app is there from beforeAll to afterAll.");
    return open;
  };
  beforeAll(async () => {
    open = await createTestApp(options);
  });
  afterAll(async () => {
    await open?.[Symbol.asyncDispose]();
  });
  return {
    get app() {
      return current().app;
    },
    get clock() {
      return current().clock;
    },
    get database() {
      return current().database;
    },
  };
}

/** The same, for whoever disposes it himself. Without parts of its own it has no base model and evaluates nothing. */
export async function createTestApp({ plugins = builtinPlugins, parts = {} }: TestAppOptions = {}): Promise<
  TestApp & AsyncDisposable
> {
  const clock = createTestClock();
  const database = await createTestDatabase(clock);
  const host = await createTestHost();
  const registry = createRegistry(plugins);
  if (!registry.ok) throw new Error(registry.error.map(({ message }) => message).join("\n"));
  const nothing = (): never => {
    throw new InfrastructureError("NOT_IN_THIS_TEST", "this test brought no such part");
  };
  const app: App = {
    store: database.store,
    leases: createLeases(database.orm, { heartbeatMs: TEST_SETTINGS.leases.heartbeatMs, log: silentLog }),
    broadcast: createBroadcast(),
    registry: registry.value,
    rules: registry.value.rules.map((rule) => ({ rule, options: rule.options.parse({}) })),
    artifacts: localArtifactStore.create(localArtifactStore.options.parse({}), host),
    synthesizer: null,
    evalRunner: { open: async () => nothing() },
    publishers: [],
    bases: { find: async () => null, list: async () => [] },
    download: async () => nothing(),
    sources: createModelSources(TEST_SETTINGS),
    settings: TEST_SETTINGS,
    clock,
    ids: createIds(OPERATOR_SECRET),
    secrets: createSecrets(OPERATOR_SECRET),
    signer: createSigner(OPERATOR_SECRET),
    hotkeys: createHotkeys(),
    uploadParts: createUploadParts(join(host.dataFolder, "uploads")),
    log: silentLog,
    worker: { name: "a test", devices: [aCpuSlot()] },
    scratchFolder: host.scratchFolder,
    ...parts,
  };
  await registerDevices(app);
  return {
    app,
    clock,
    database,
    async [Symbol.asyncDispose]() {
      await database.close();
      await host[Symbol.asyncDispose]();
    },
  };
}
