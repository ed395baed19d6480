import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import {
  createTask,
  followTask,
  present,
  TaskLeaderboardDocument,
  WeightSetDocument,
  type GradientsClient,
  type TaskSummaryFragment,
} from "../../sdk/index.ts";
import { CommandError } from "../command-error.ts";
import { inPackage } from "../package-root.ts";
import { readTaskFile } from "../task-file.ts";
import { createCompetitors, runCompetitors, type Competitor } from "./competitors.ts";
import { createCustomer } from "./customer.ts";
import type { DemoResult } from "./demo-result.ts";
import { keepData, type KeptData } from "./kept-data.ts";
import type { LiveView } from "./live-view.ts";
import type { OperatorConfiguration } from "./operator-configuration.ts";
import type { Phases } from "./phases.ts";
import { startServerProcess } from "./server-process.ts";
import { demoMiners } from "./strategies.ts";

export interface DemoOptions {
  readonly seed: string;
  readonly miners: number;
  /** Null: each strategy's own. */
  readonly steps: number | null;
  /** Everything that the demo writes is below it. */
  readonly folder: string;
  readonly configuration: OperatorConfiguration;
  readonly keep: boolean;
  readonly phases: Phases;
  readonly createView: (competitors: readonly Competitor[]) => LiveView;
  readonly signal: AbortSignal;
}

export interface FinishedDemo {
  readonly result: DemoResult;
  readonly kept: KeptData | null;
}

const TASK_FILE = inPackage("datasets", "translate-names", "task.json");

/** Stages one competition through the public API, in a fresh market, and returns what came out. @throws CommandError where the task fails */
export async function runDemo(options: DemoOptions): Promise<FinishedDemo> {
  const { seed, folder, configuration, phases, signal } = options;
  const competitors = createCompetitors(demoMiners(options.miners, options.steps), seed, folder);
  using view = options.createView(competitors);
  phases.begin("server start");
  await writeEnvironmentFile(configuration, folder);
  await using server = await startServerProcess({
    environment: configuration.environment,
    logFile: join(folder, "server.log"),
    signal,
  });
  view.say(`The server takes requests at ${server.url}/graphql (GraphiQL in a browser), process ${server.pid}.`);
  const stopMiners = new AbortController();
  const miners = startMiners(competitors, {
    ...options,
    url: server.url,
    view,
    signal: AbortSignal.any([signal, stopMiners.signal]),
  });
  try {
    return await Promise.race([
      compete({ ...options, url: server.url, view, competitors, miners }),
      miners.ended,
      server.failed,
    ]);
  } finally {
    stopMiners.abort();
    await miners.ended.catch(() => undefined);
  }
}

/** The same settings for a server by hand: `node --env-file=operator.env dist/src/cli.js serve`. */
async function writeEnvironmentFile({ environment }: OperatorConfiguration, folder: string): Promise<void> {
  const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(join(folder, "operator.env"), lines.join(""), { mode: 0o600 });
}

interface RunningMiners {
  readonly allRegistered: Promise<void>;
  /** The id of the weight set that the miners are told of. */
  readonly weightSetId: Promise<string>;
  /** Never fulfilled before the miners are stopped; rejected where one can't go on. */
  readonly ended: Promise<never>;
}

function startMiners(
  competitors: readonly Competitor[],
  {
    url,
    seed,
    view,
    signal,
  }: { readonly url: string; readonly seed: string; readonly view: LiveView; readonly signal: AbortSignal },
): RunningMiners {
  const registered = new Set<Competitor>();
  const allRegistered = Promise.withResolvers<void>();
  const weightSetId = Promise.withResolvers<string>();
  const running = runCompetitors(competitors, {
    url,
    seed,
    cores: availableParallelism(),
    signal,
    onRegistered: (competitor) => {
      registered.add(competitor);
      if (registered.size === competitors.length) allRegistered.resolve();
    },
    onChange: (competitor) => view.changed(competitor),
    onProblem: ({ miner }, error) => view.say(`  ${miner.name}: ${error.message}`),
    onEvent: (_competitor, event) => {
      if (event.__typename === "WeightSetPublished") weightSetId.resolve(event.weightSetId);
    },
  });
  const ended = running.then(() => {
    signal.throwIfAborted();
    throw new CommandError("The miners ended before the task did.");
  });
  ended.catch(() => undefined);
  return { allRegistered: allRegistered.promise, weightSetId: weightSetId.promise, ended };
}

interface Market extends Omit<DemoOptions, "miners"> {
  readonly url: string;
  readonly view: LiveView;
  readonly competitors: readonly Competitor[];
  readonly miners: RunningMiners;
}

/** The customer's side: posts the task, follows it, and reads the result. */
async function compete({
  url,
  configuration,
  seed,
  phases,
  view,
  competitors,
  miners,
  keep,
  folder,
  signal,
}: Market): Promise<FinishedDemo> {
  phases.begin("sign-in");
  await using customer = await createCustomer(url, configuration.operatorKey);
  await miners.allRegistered;
  const { id } = await createTask(customer, await readTaskFile(TASK_FILE, `demo:${seed}`));
  view.say(`Task ${id} is posted.`);
  const end = await followToTheEnd(customer, id, { phases, view, signal });
  if (end.status !== "SCORED")
    throw new CommandError(`The task ended ${end.status}: ${end.failure?.message ?? "no reason given"}`);
  phases.begin("weights");
  const { weightSet } = await customer.request(WeightSetDocument, { id: await miners.weightSetId });
  const { task } = await customer.request(TaskLeaderboardDocument, { id });
  phases.begin("results");
  const kept = keep ? await keepData(customer, id, end.baseModel, folder) : null;
  return { result: { task: present(task, "task"), weightSet: present(weightSet, "weightSet"), competitors }, kept };
}

async function followToTheEnd(
  customer: GradientsClient,
  id: string,
  { phases, view, signal }: { readonly phases: Phases; readonly view: LiveView; readonly signal: AbortSignal },
): Promise<TaskSummaryFragment> {
  let last: TaskSummaryFragment | null = null;
  for await (const task of followTask(customer, id, { signal })) {
    if (task.status !== last?.status) {
      phases.begin(task.status.toLowerCase());
      view.say(`Task is ${task.status}.`);
    }
    last = task;
  }
  return present(last, "task");
}
