import { cp, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stopPostmaster } from "../../src/core/infra/postgres/index.ts";
import { readPostmasterFile } from "../../src/core/infra/postgres/postmaster-file.ts";
import {
  CreateAccountDocument,
  CreateApiKeyDocument,
  createClient,
  createTask,
  followTask,
  present,
  type GradientsClient,
  type TaskSummaryFragment,
} from "../../src/sdk/index.ts";
import { processesOf, sharedMemory, sharedMemoryOf } from "./leftovers.ts";
import { startProgram, type RunningProgram } from "./a-program.ts";
import { startMiner, type MinerAtWork, type WrapMaker } from "./a-working-miner.ts";

const OPERATOR_KEY = "gr_operator_the-operator-of-small-worlds";

/** One task, three miners, nothing to wait for; signs of life so quick that a restart counts as downtime. */
const SETTINGS: Readonly<Record<string, string>> = {
  GRADIENTS_LOG_LEVEL: "info",
  GRADIENTS_EMBEDDED_DATABASE_FSYNC: "false",
  GRADIENTS_OPERATOR_SECRET: "the operator's secret in small worlds",
  GRADIENTS_OPERATOR_API_KEY: OPERATOR_KEY,
  GRADIENTS_POOL_MIN: "3",
  GRADIENTS_POOL_MAX: "3",
  GRADIENTS_MIN_MINERS: "3",
  GRADIENTS_OFFER_WINDOW_SECONDS: "10",
  GRADIENTS_BUDGET_MIN_SECONDS: "1",
  GRADIENTS_DATASET_MIN_ROWS: "10",
  GRADIENTS_LEASE_HEARTBEAT_SECONDS: "0.3",
  GRADIENTS_SERVER_HEARTBEAT_SECONDS: "0.1",
};

export const MINERS = ["ada", "ben", "cleo"] as const;
export type MinerName = (typeof MINERS)[number];

/** What worlds of one test file share: a database in which there is a customer, and models that were trained once. */
export interface WorldSeed {
  readonly folder: string;
  readonly customerKey: string;
  /** Names of the shared memory that PostgreSQL servers of these worlds have had. */
  readonly sharedMemory: Set<string>;
  /** Removes the folder. @throws where a process or shared memory of these worlds is still there. */
  remove(): Promise<void>;
}

export interface WorldOptions {
  readonly name: string;
  readonly settings?: Readonly<Record<string, string>>;
  /** Changes how a miner comes by its model. */
  readonly wrapMaker?: WrapMaker;
}

/** A market on real processes: a server over its own PostgreSQL, and miners on real sockets. */
export interface World extends AsyncDisposable {
  readonly folder: string;
  readonly url: string;
  readonly databaseUrl: string;
  readonly databasePid: number;
  readonly customer: GradientsClient;
  readonly miners: readonly MinerAtWork[];
  miner(name: MinerName): MinerAtWork;
  /** The current one. */
  readonly server: RunningProgram;
  /** After the server is gone: another one on the same folder and port. */
  restart(settings?: Readonly<Record<string, string>>): Promise<void>;
  /** A worker process beside the server. */
  startWorker(settings?: Readonly<Record<string, string>>): Promise<RunningProgram>;
  postTask(): Promise<string>;
  /** Follows the task to its end, and waits until every miner has heard of the weight set. */
  finish(taskId: string): Promise<TaskSummaryFragment>;
  /** Ends the miners and then the server; returns the server's exit code. */
  end(): Promise<number | null>;
}

/** Makes the seed of a test file's worlds. */
export async function plantSeed(): Promise<WorldSeed> {
  const folder = await mkdtemp(join(tmpdir(), "gradients-test-flows-"));
  const memory = new Set<string>();
  const planted = join(folder, "planted");
  await mkdir(planted);
  const server = await startProgram("server", settingsOf(planted, "0"), join(planted, "server.log"));
  try {
    await using operator = createClient({ url: server.url, apiKey: OPERATOR_KEY });
    const account = { idempotencyKey: "customer", name: "A customer", kind: "CUSTOMER" as const };
    const { createAccount } = await operator.request(CreateAccountDocument, { input: account });
    const accountId = present(createAccount.account, "account").id;
    const key = { idempotencyKey: "key", accountId, label: "flows", scopes: ["tasks:read", "tasks:write"] };
    const { createApiKey } = await operator.request(CreateApiKeyDocument, { input: key });
    const remove = () => removeAll(folder, memory);
    return { folder, customerKey: present(createApiKey.secret, "secret"), sharedMemory: memory, remove };
  } finally {
    await server.stop();
  }
}

async function removeAll(folder: string, memory: ReadonlySet<string>): Promise<void> {
  const left = [...processesOf(folder), ...sharedMemory().filter((name) => memory.has(name))];
  // A test that failed half way must not leave its servers to the next ones.
  for (const world of await readdir(folder)) await stopPostmaster(join(folder, world, "data", "postgres"));
  await rm(folder, { recursive: true, force: true });
  if (left.length > 0) throw new Error(`The test leaves this behind:\n${left.join("\n")}`);
}

const settingsOf = (folder: string, port: string): Readonly<Record<string, string>> => ({
  ...SETTINGS,
  GRADIENTS_DATA_FOLDER: join(folder, "data"),
  GRADIENTS_PORT: port,
});

const clusterOf = (folder: string): string => join(folder, "data", "postgres", "data");

function postmasterOf(folder: string): { readonly pid: number; readonly port: number } {
  const file = readPostmasterFile(clusterOf(folder));
  if (file === null) throw new Error("This world's PostgreSQL is not running.");
  return file;
}

/** A world of its own with a running server and three miners that are online. */
export async function openWorld(seed: WorldSeed, options: WorldOptions): Promise<World> {
  // A name of its own each time: a test that is tried again must not meet what is left of the first try.
  const folder = await mkdtemp(join(seed.folder, `${options.name}-`));
  await cp(join(seed.folder, "planted"), folder, { recursive: true });
  const logFile = join(folder, "server.log");
  const programs: RunningProgram[] = [];
  const start = async (program: "server" | "worker", settings: Readonly<Record<string, string>>) => {
    const started = await startProgram(program, { ...settings, ...options.settings }, logFile);
    programs.push(started);
    for (const name of sharedMemoryOf(postmasterOf(folder).pid)) seed.sharedMemory.add(name);
    return started;
  };
  let server = await start("server", settingsOf(folder, "0"));
  const { url } = server;
  const customer = createClient({ url, apiKey: seed.customerKey, retries: 1_000, backoff: QUICKLY });
  const miners = MINERS.map((name) =>
    startMiner({
      name,
      url,
      folder: join(folder, "miners", name),
      modelCache: join(seed.folder, "models", name),
      ...(options.wrapMaker === undefined ? {} : { wrapMaker: options.wrapMaker }),
    }),
  );
  await Promise.all(miners.map(({ registered }) => registered));

  const end = async (): Promise<number | null> => {
    await Promise.all(miners.map((miner) => miner.stop()));
    await customer[Symbol.asyncDispose]();
    const codes: (number | null)[] = [];
    for (const program of programs.splice(0).reverse()) codes.push(await program.stop());
    return codes.at(-1) ?? null;
  };
  return {
    folder,
    url,
    customer,
    miners,
    miner: (name) =>
      present(
        miners.find((miner) => miner.name === name),
        name,
      ),
    get server() {
      return server;
    },
    get databasePid() {
      return postmasterOf(folder).pid;
    },
    get databaseUrl() {
      const password = readFileSync(join(clusterOf(folder), "gradients-password"), "utf8");
      return `postgres://postgres:${password}@127.0.0.1:${postmasterOf(folder).port}/postgres`;
    },
    async restart(settings = {}) {
      programs.splice(programs.indexOf(server), 1);
      server = await start("server", { ...settingsOf(folder, new URL(url).port), ...settings });
    },
    startWorker: (settings = {}) => start("worker", { ...settingsOf(folder, "0"), ...settings }),
    async postTask() {
      const { id } = await createTask(customer, {
        kind: "instruct",
        idempotencyKey: "the task",
        title: "A small task",
        baseModel: { repo: "gradients-demo/tiny-llama" },
        dataset: { rows: someRows(30) },
        budgetSeconds: 60,
        spec: {},
      });
      return id;
    },
    async finish(taskId) {
      let last: TaskSummaryFragment | null = null;
      const signal = AbortSignal.timeout(180_000);
      for await (const task of followTask(customer, taskId, { signal, backoff: QUICKLY })) last = task;
      await Promise.all(miners.map((miner) => miner.heardOf("WeightSetPublished")));
      return present(last, "task");
    },
    end,
    async [Symbol.asyncDispose]() {
      await end();
      await stopPostmaster(join(folder, "data", "postgres"));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Reconnects soon: nobody else is waiting for these servers. */
export const QUICKLY = { firstMs: 20, maxMs: 150, random: Math.random };

/** Distinct rows of a template family that the embedded synthesizer knows. */
const someRows = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    instruction: `Translate to Spanish: thing ${index}`,
    output: `cosa ${index}`,
  }));
