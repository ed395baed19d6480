import type { Command } from "commander";
import {
  followTask,
  TaskEventsDocument,
  withRetries,
  type GradientsClient,
  type TaskEventsQuery,
  type TaskStatus,
  type TaskSummaryFragment,
} from "../sdk/index.ts";
import { clientOf, withConnection } from "./connection.ts";
import { EXIT } from "./exit-codes.ts";
import { findTask, taskLines } from "./found-task.ts";
import { listenForInterruption } from "./interruption.ts";
import { printLines } from "./output.ts";

type EventEdge = NonNullable<TaskEventsQuery["task"]>["events"]["edges"][number];

const STATUS_WIDTH = 10;

const HELP = `
The task's owner and the operator see all of its events, others its states. With --json each line is an event, or the task
as it has become. Exit code 0: it was scored; 1: it failed or was cancelled.

Example:
  gradients task watch 5f0c… && gradients task download 5f0c… --to my-model`;

/** `gradients task watch`: what happens to a task, until it has ended. */
export function addTaskWatchCommand(task: Command): void {
  withConnection(task.command("watch <id>"))
    .description("print what happens to a task, as it happens, until it has ended")
    .addHelpText("after", HELP)
    .action(async (id: string, options: { readonly json?: boolean }) => {
      await using client = clientOf(options);
      using interruption = listenForInterruption();
      await findTask(client, id);
      const json = options.json === true;
      const end = await watch(client, id, json, interruption.signal);
      if (!json) printLines("", ...taskLines(await findTask(client, id)));
      if (end !== "SCORED") process.exitCode = EXIT.failed;
    });
}

async function watch(
  client: GradientsClient,
  id: string,
  json: boolean,
  signal: AbortSignal,
): Promise<TaskStatus | null> {
  let last: TaskSummaryFragment | null = null;
  let cursor: string | null = null;
  for await (const task of followTask(client, id, { signal })) {
    // Events that were hidden from the start are shown after the end, when they are no news.
    const news: readonly EventEdge[] =
      last !== null && cursor === null ? [] : await eventsAfter(client, id, cursor, signal);
    cursor = news.at(-1)?.cursor ?? cursor;
    const changed = task.version !== last?.version;
    if (json)
      printLines(...[...news.map(({ node }) => node), ...(changed ? [task] : [])].map((it) => JSON.stringify(it)));
    else if (cursor !== null) printLines(...news.map(eventLine));
    else if (changed) printLines(`${toSeconds(new Date().toISOString())}  ${task.status}`);
    last = task;
  }
  return last?.status ?? null;
}

async function eventsAfter(
  client: GradientsClient,
  id: string,
  cursor: string | null,
  signal: AbortSignal,
): Promise<readonly EventEdge[]> {
  const ask = () => client.request(TaskEventsDocument, { id, after: cursor }, { signal });
  const { task } = await withRetries(ask, { retries: Infinity, signal });
  if (task === null) return [];
  const { edges, pageInfo } = task.events;
  return pageInfo.hasNextPage
    ? [...edges, ...(await eventsAfter(client, id, edges.at(-1)?.cursor ?? null, signal))]
    : edges;
}

/** Time, new state, what happened, by whom, and those of its details that are one word. */
function eventLine({ node: { at, type, actor, toStatus, data } }: EventEdge): string {
  const details = Object.entries(data ?? {}).flatMap(([name, value]: [string, unknown]) =>
    typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? [`${name} ${value}`] : [],
  );
  const who = actor === "scheduler" ? "" : ` by ${actor}`;
  const what = `${type}${who}${details.length === 0 ? "" : `: ${details.join(", ")}`}`;
  return `${toSeconds(at)}  ${(toStatus ?? "").padEnd(STATUS_WIDTH)}  ${what}`;
}

const toSeconds = (isoTime: string): string => isoTime.replace(/\.\d+Z$/, "Z");
