import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCustomer } from "../../src/cli/demo/customer.ts";
import { startServerProcess, type ServerProcess } from "../../src/cli/demo/server-process.ts";
import { childEnvironment } from "../../src/core/infra/config/index.ts";
import {
  CancelTaskDocument,
  createKeyPair,
  createSlots,
  createTask,
  followTask,
  listFolder,
  runMiner,
  TaskProgressDocument,
  trainerCommand,
  type AssignmentStage,
  type FolderFile,
  type GradientsClient,
  type MakeModel,
  type MinerObserver,
  type TaskSummaryFragment,
} from "../../src/sdk/index.ts";
import { runNode, type ProgramEnd } from "../helpers/run-program.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const OPERATOR_KEY = "gr_operator_0123456789abcdef0123456789abcdef";
const STRATEGY = { method: "full", learningRate: 3e-3, batchSize: 4, steps: 4, schedule: "cosine", warmup: 0, seed: 1 };

let folder: string;
let server: ServerProcess;
let customer: GradientsClient;
let environment: Record<string, string>;

const startServer = (): Promise<ServerProcess> =>
  startServerProcess({ environment, logFile: join(folder, "server.log"), signal: AbortSignal.timeout(30_000) });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradients-miner-"));
  environment = {
    GRADIENTS_PORT: "0",
    GRADIENTS_DATA_FOLDER: join(folder, "server"),
    GRADIENTS_EMBEDDED_DATABASE_FSYNC: "false",
    GRADIENTS_OPERATOR_API_KEY: OPERATOR_KEY,
    GRADIENTS_POOL_MIN: "1",
    GRADIENTS_POOL_MAX: "1",
    GRADIENTS_DELAY_BACKOFF_SECONDS: "0.2",
    GRADIENTS_MAX_DELAYS: "1000",
    GRADIENTS_BUDGET_MIN_SECONDS: "1",
    GRADIENTS_DATASET_MIN_ROWS: "20",
  };
  server = await startServer();
  // The server keeps its address when it is started again.
  environment["GRADIENTS_PORT"] = new URL(server.url).port;
  customer = await createCustomer(server.url, OPERATOR_KEY);
});

afterAll(async () => {
  await customer[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

/** One and the same miner in all tests: what differs is how it makes its models and who watches. */
const mine = (makeModel: MakeModel, signal: AbortSignal, observer: MinerObserver = {}): Promise<void> =>
  runMiner({
    url: server.url,
    keyPair: createKeyPair(new Uint8Array(32).fill(7)),
    name: "tester",
    maxParameterCount: 1e9,
    slots: 1,
    stateFolder: join(folder, "miner"),
    models: join(root, "models"),
    makeModel,
    heartbeatMs: 500,
    backoff: { firstMs: 20, maxMs: 200, random: Math.random },
    observer,
    signal,
  });

const train = (): MakeModel =>
  trainerCommand([process.execPath, join(root, "dist/evaluators/embedded/train.js")], STRATEGY, createSlots(1));

async function postTask(title: string): Promise<string> {
  const lines = (await readFile(join(root, "datasets/translate-names/rows.jsonl"), "utf8")).split("\n").slice(0, 40);
  const task = await createTask(customer, {
    kind: "instruct",
    idempotencyKey: title,
    title,
    baseModel: { repo: "gradients-demo/tiny-llama" },
    dataset: { rows: lines.map((line) => JSON.parse(line) as unknown) },
    budgetSeconds: 600,
    spec: {},
  });
  return task.id;
}

const gradients = (...args: readonly string[]): Promise<ProgramEnd> =>
  runNode([join(root, "dist/src/cli.js"), ...args], {
    folder,
    environment: { GRADIENTS_URL: server.url, GRADIENTS_API_KEY: OPERATOR_KEY },
  });

async function endOf(id: string): Promise<TaskSummaryFragment | undefined> {
  let last: TaskSummaryFragment | undefined;
  for await (const task of followTask(customer, id, { signal: AbortSignal.timeout(25_000) })) last = task;
  return last;
}

describe("runMiner", () => {
  it("uploads a model that was finished before its own restart instead of training again", async () => {
    const id = await postTask("restart of the miner");
    const firstRun = new AbortController();
    await mine(train(), firstRun.signal, {
      onStage: ({ stage }) => {
        if (stage === "MADE") firstRun.abort();
      },
    });
    const secondRun = new AbortController();
    const stages: AssignmentStage[] = [];
    const running = mine(() => Promise.reject(new Error("trained again")), secondRun.signal, {
      onStage: ({ stage }) => {
        stages.push(stage);
        if (stage === "SCORED") secondRun.abort();
      },
    });
    expect((await endOf(id))?.status).toBe("SCORED");
    await running;
    expect(stages).toEqual(["SEALED", "SCORED"]);
  });

  it("goes on with its work when the server is restarted in between, which the command line watches to the winner", async () => {
    const id = await postTask("restart of the server");
    const watcher = spawn(process.execPath, [join(root, "dist/src/cli.js"), "task", "watch", id, "--json"], {
      env: childEnvironment({ GRADIENTS_URL: server.url, GRADIENTS_API_KEY: OPERATOR_KEY }),
      stdio: ["ignore", "pipe", "inherit"],
    });
    const watching = once(watcher.stdout, "readable");
    const watched = Promise.all([text(watcher.stdout), once(watcher, "close")]);
    const stop = new AbortController();
    let restarts = 0;
    const makeModel: MakeModel = async (order) => {
      await watching;
      await server[Symbol.asyncDispose]();
      server = await startServer();
      restarts += 1;
      await train()(order);
    };
    const running = mine(makeModel, stop.signal);
    expect((await endOf(id))?.status).toBe("SCORED");
    stop.abort();
    await running;
    expect(restarts).toBe(1);

    const [stdout, [code]] = await watched;
    const lines = stdout
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(code).toBe(0);
    expect(lines[0]).toMatchObject({ type: "taskCreated", toStatus: "QUEUED" });
    expect(lines.at(-1)).toMatchObject({ id, status: "SCORED" });
    const fetched = await gradients("task", "download", id, "--to", "winner", "--json");
    const { files } = JSON.parse(fetched.stdout) as { readonly files: readonly FolderFile[] };
    expect(files.map(({ path }) => path)).toContain("model.safetensors");
    expect(await listFolder(join(folder, "winner"))).toEqual(files);
    expect(await gradients("task", "download", id, "--to", ".")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("give an empty folder with --to"),
    });
  });

  it("reports a trainer that fails, with the end of its log", async () => {
    const id = await postTask("failing trainer");
    const stop = new AbortController();
    const failing = trainerCommand(
      [process.execPath, "-e", "console.error('no memory left'); process.exit(3)"],
      null,
      createSlots(1),
    );
    const running = mine(failing, stop.signal);
    expect(await endOf(id)).toMatchObject({ status: "FAILED", failure: { code: "NO_VALID_SUBMISSION" } });
    stop.abort();
    await running;
    const { task } = await customer.request(TaskProgressDocument, { id, after: null });
    expect(task?.assignments.nodes).toMatchObject([
      { status: "FAILED", failureMessage: expect.stringMatching(/exit code 3[^]*no memory left/) },
    ]);
  });

  it("stops the trainer when the task is cancelled", async () => {
    const id = await postTask("cancelled task");
    const stop = new AbortController();
    const started = Promise.withResolvers<void>();
    const stopped = Promise.withResolvers<string>();
    const endless: MakeModel = async ({ signal }) => {
      started.resolve();
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      signal.throwIfAborted();
    };
    const running = mine(endless, stop.signal, {
      onStage: ({ stage }) => stopped.resolve(stage),
    });
    await started.promise;
    await customer.request(CancelTaskDocument, { input: { taskId: id } });
    expect(await stopped.promise).toBe("CANCELLED");
    stop.abort();
    await running;
  });
});
