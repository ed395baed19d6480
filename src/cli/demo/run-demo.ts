import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import {
  createTask,
  followTask,
  present,
  TaskLeaderboardDocument,
  type GradientsClient,
  type TaskSummaryFragment,
} from "../../sdk/index.ts";
import { CommandError } from "../command-error.ts";
import { readTaskFile } from "../task-file.ts";
import { latestWeightSet } from "../weights.ts";
import { createCompetitors, runCompetitors, type Competitor } from "./competitors.ts";
import { createCustomer } from "./customer.ts";
import type { Demo } from "./demo-file.ts";
import type { DemoResult, TaskResult } from "./demo-result.ts";
import type { DemoMiner } from "./field.ts";
import { keepAttachments } from "./keep-attachments.ts";
import { keepData } from "./kept-data.ts";
import type { LiveView } from "./live-view.ts";
import { environmentFile, type OperatorConfiguration } from "./operator-configuration.ts";
import type { Phases } from "./phases.ts";
import { startServerProcess } from "./server-process.ts";

export interface DemoOptions {
  readonly seed: string;
  /** A task of each is posted. */
  readonly demos: readonly Demo[];
  readonly miners: readonly DemoMiner[];
  /** Everything that the demo writes is below it. */
  readonly folder: string;
  /** But for what is shown in the end. */
  readonly out: string;
  readonly configuration: OperatorConfiguration;
  readonly keep: boolean;
  readonly phases: Phases;
  readonly createView: (competitors: readonly Competitor[]) => LiveView;
  readonly signal: AbortSignal;
}

/** Stages one competition through the public API, in a fresh market, and returns what came out. @throws CommandError where a task fails */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const { seed, folder, configuration, phases } = options;
  const competitors = createCompetitors(options.miners, seed, folder);
  using view = options.createView(competitors);
  phases.begin("server start");
  await writeFile(join(folder, "operator.env"), environmentFile(configuration), { mode: 0o600 });
  // Whatever ends the demo ends all that still waits for something.
  const stopped = new AbortController();
  const signal = AbortSignal.any([options.signal, stopped.signal]);
  await using server = await startServerProcess({
    environment: configuration.environment,
    logFile: join(folder, "server.log"),
    signal,
  });
  view.say(`The server takes requests at ${server.url}/graphql (GraphiQL in a browser), process ${server.pid}.`);
  const market = { ...options, url: server.url, view, competitors, signal };
  const miners = startMiners(market);
  try {
    return await Promise.race([compete({ ...market, miners }), miners.ended, server.failed]);
  } finally {
    stopped.abort();
    await miners.ended.catch(() => undefined);
  }
}

interface RunningMiners {
  readonly allRegistered: Promise<void>;
  /** Fulfilled when the miners were told of a weight set for each task. */
  readonly allWeighted: Promise<void>;
  /** By kind, once the miners have it: what evaluators compute. */
  readonly objectives: ReadonlyMap<string, unknown>;
  /** Never fulfilled before the miners are stopped; rejected where one can't go on. */
  readonly ended: Promise<never>;
}

interface Market extends Omit<DemoOptions, "miners"> {
  readonly url: string;
  readonly view: LiveView;
  readonly competitors: readonly Competitor[];
}

function startMiners({ url, seed, view, signal, competitors, demos }: Market): RunningMiners {
  const registered = new Set<Competitor>();
  const weightSets = new Set<string>();
  const objectives = new Map<string, unknown>();
  const allRegistered = Promise.withResolvers<void>();
  const allWeighted = Promise.withResolvers<void>();
  const running = runCompetitors(competitors, {
    url,
    seed,
    programs: new Map(demos.map(({ kind, trainer }) => [kind, trainer])),
    cores: availableParallelism(),
    signal,
    onRegistered: (competitor) => {
      registered.add(competitor);
      if (registered.size === competitors.length) allRegistered.resolve();
    },
    onChange: (competitor, entry) => view.changed(competitor, entry),
    onProblem: ({ name }, kind, error) => view.say(`  ${name}${kind === null ? "" : ` (${kind})`}: ${error.message}`),
    onEvent: (_competitor, event) => {
      if (event.__typename === "Assigned") objectives.set(event.kind, event.objective);
      if (event.__typename !== "WeightSetPublished") return;
      weightSets.add(event.weightSetId);
      if (weightSets.size === demos.length) allWeighted.resolve();
    },
  });
  const ended = running.then(() => {
    signal.throwIfAborted();
    throw new CommandError("The miners ended before the task did.");
  });
  ended.catch(() => undefined);
  return { allRegistered: allRegistered.promise, allWeighted: allWeighted.promise, objectives, ended };
}

/** The customer's side: posts the tasks, follows them, and reads the results. */
async function compete(market: Market & { readonly miners: RunningMiners }): Promise<DemoResult> {
  const { url, configuration, seed, demos, phases, view, miners } = market;
  phases.begin("sign-in");
  await using customer = await createCustomer(url, configuration.operatorKey);
  await miners.allRegistered;
  const posted: { readonly demo: Demo; readonly id: string }[] = [];
  for (const demo of demos) {
    const { budgetSeconds, ...task } = await readTaskFile(demo.taskFile, taskKey(demo, seed));
    // The miners' cores are shared by all tasks.
    const { id } = await createTask(customer, { ...task, budgetSeconds: budgetSeconds * demos.length });
    view.say(`${titleOf(market, demo)} ${id} is posted.`);
    posted.push({ demo, id });
  }
  if (posted.length > 1) phases.begin("tasks");
  const ends = await Promise.all(posted.map(({ demo, id }) => followToTheEnd(customer, { ...market, demo, id })));
  phases.begin("weights");
  await miners.allWeighted;
  const weightSet = await latestWeightSet(customer);
  phases.begin("results");
  const tasks: TaskResult[] = [];
  for (const { demo, baseModel, id } of ends) tasks.push(await readResult(customer, market, { demo, baseModel, id }));
  return { tasks, weightSet };
}

interface EndedTask extends Pick<TaskSummaryFragment, "id" | "baseModel"> {
  readonly demo: Demo;
}

async function followToTheEnd(
  customer: GradientsClient,
  { demo, id, ...market }: Market & { readonly demo: Demo; readonly id: string },
): Promise<EndedTask> {
  const { phases, view, signal, demos } = market;
  const title = `The ${demos.length === 1 ? "" : `${demo.kind} `}task`;
  let last: TaskSummaryFragment | null = null;
  for await (const task of followTask(customer, id, { signal })) {
    if (task.status !== last?.status) {
      if (demos.length === 1) phases.begin(task.status.toLowerCase());
      view.say(`${titleOf(market, demo)} is ${task.status}.`);
    }
    // Nobody is there who could mend it.
    if (task.blocked !== null)
      throw new CommandError(`${title} is blocked: ${task.blocked.code}, ${task.blocked.message}`);
    last = task;
  }
  const { status, failure, baseModel } = present(last, "task");
  if (status !== "SCORED") {
    throw new CommandError(`${title} ended ${status}: ${failure?.message ?? "no reason given"}`);
  }
  return { demo, id, baseModel };
}

/** A task's id, and so its whole course, follows from this: it is the same alone and in company. */
const taskKey = ({ kind, isDefault }: Demo, seed: string): string => `demo:${seed}${isDefault ? "" : `:${kind}`}`;

/** The only one needs no name. */
const titleOf = ({ demos }: Market, { kind }: Demo): string => (demos.length === 1 ? "Task" : `Task ${kind}`);

async function readResult(
  customer: GradientsClient,
  { competitors, keep, folder, out, demos, miners }: Market & { readonly miners: RunningMiners },
  { demo, id, baseModel }: EndedTask,
): Promise<TaskResult> {
  const { task } = await customer.request(TaskLeaderboardDocument, { id });
  const attachments = await keepAttachments(customer, id, { folder: out, prefix: demo.kind });
  const session = join(folder, "data", ...(demos.length === 1 ? [] : [demo.kind]));
  const ended = { id, base: baseModel, objective: miners.objectives.get(demo.kind) };
  const kept = keep ? await keepData(customer, ended, { folder, session }) : null;
  return { demo, task: present(task, "task"), competitors, attachments, kept };
}
